/**
 * The curve of a resample: running sums over groups of equal confidence, each row counted as often
 * as it was drawn.
 */
import type { Draw } from './draw.js';
import type { SortedRows } from './sorted-rows.js';

/**
 * Buffers that are filled anew for each resample. Index g of the sums stands before group g; the
 * last one is the whole.
 */
export class WeightedCurve {
  groups = 0;
  rows = 0;
  right = 0;
  weakMean = 0;
  strongMean = 0;
  /** Rows, gain and rows with label 1 up to each group. */
  readonly count: Int32Array;
  readonly gained: Float64Array;
  readonly rights: Int32Array;
  /** ∫ of the gain over the number of escalated rows, up to each group. */
  readonly area: Float64Array;
  /** Which group of the sorted rows a group is: those that were not drawn at all are left out. */
  readonly source: Int32Array;

  constructor(mostRows: number) {
    [this.gained, this.area] = [new Float64Array(mostRows + 1), new Float64Array(mostRows + 1)];
    [this.count, this.rights, this.source] = [
      new Int32Array(mostRows + 1),
      new Int32Array(mostRows + 1),
      new Int32Array(mostRows + 1),
    ];
  }

  /** Fills the sums. */
  load(sorted: SortedRows, draw: Draw): void {
    this.groups =
      sorted.groupEnds.length === sorted.n
        ? this.#loadSingles(sorted, draw)
        : this.#loadGroups(sorted, draw);
    this.rows = draw.rows;
    this.right = draw.right;
    this.weakMean = draw.weakSum / draw.rows;
    this.strongMean = draw.strongSum / draw.rows;
  }

  /**
   * Every row is a group. One that was not drawn writes what the next one overwrites: cheaper than
   * a branch that a processor cannot foresee.
   */
  #loadSingles({ n, order, gain, label }: SortedRows, { multiplicity }: Draw): number {
    const { count, gained, rights, source, area } = this;
    let rows = 0;
    let groups = 0;
    for (let row = 0; row < n; row++) {
      const times = multiplicity[order[row] as number] as number;
      rows += times;
      source[groups] = row;
      count[groups + 1] = rows;
      groups += (times + 0xffff) >>> 16; // 1 where it was drawn, without a branch
    }
    let before = 0;
    let sum = 0;
    let right = 0;
    let doubled = 0;
    for (let g = 0; g < groups; g++) {
      const row = source[g] as number;
      const after = count[g + 1] as number;
      const times = after - before;
      const gainedBefore = sum;
      before = after;
      sum += times * (gain[row] as number);
      right += times * (label[row] as number);
      doubled += times * (gainedBefore + sum);
      gained[g + 1] = sum;
      rights[g + 1] = right;
      area[g + 1] = doubled / 2;
    }
    return groups;
  }

  #loadGroups({ order, gain, label, groupEnds }: SortedRows, { multiplicity }: Draw): number {
    const { count, gained, rights, source, area } = this;
    let rows = 0;
    let sum = 0;
    let right = 0;
    let doubled = 0;
    let g = 0;
    let row = 0;
    for (let group = 0; group < groupEnds.length; group++) {
      const before = rows;
      const gainedBefore = sum;
      const end = groupEnds[group] as number;
      for (; row < end; row++) {
        const times = multiplicity[order[row] as number] as number;
        rows += times;
        sum += times * (gain[row] as number);
        right += times * (label[row] as number);
      }
      doubled += (rows - before) * (gainedBefore + sum);
      count[g + 1] = rows;
      gained[g + 1] = sum;
      rights[g + 1] = right;
      area[g + 1] = doubled / 2;
      source[g] = group;
      g += rows === before ? 0 : 1;
    }
    return g;
  }

  /**
   * The first group whose end has at least k rows up to it, 0 < k ≤ rows: the group that holds row
   * k.
   */
  findGroup(k: number): number {
    let from = 0;
    let to = this.groups - 1;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.count[middle + 1] as number) >= k) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  /** Gain of escalating the k least confident rows, k a real number from 0 to rows. */
  gainAt(k: number): number {
    return this.between(this.gained, k);
  }

  /** The value of running sums over the groups at k rows. */
  between(sums: Float64Array | Int32Array, k: number): number {
    return k <= 0 ? 0 : this.#between(sums, k, this.findGroup(k));
  }

  /** Rows with label 1 among the k least confident. */
  rightsAt(k: number): number {
    return this.between(this.rights, k);
  }

  /** ∫ of the gain from 0 to k. */
  areaTo(k: number): number {
    if (k <= 0) return 0;
    const g = this.findGroup(k);
    const width = k - (this.count[g] as number);
    return (
      (this.area[g] as number) +
      (width * ((this.gained[g] as number) + this.#between(this.gained, k, g))) / 2
    );
  }

  /** A, the mean score at k escalated rows inside group g. */
  scoreIn(g: number, k: number): number {
    return this.weakMean + this.#between(this.gained, k, g) / this.rows;
  }

  #between(sums: Float64Array | Int32Array, k: number, g: number): number {
    const low = sums[g] as number;
    const start = this.count[g] as number;
    return (
      low +
      (((sums[g + 1] as number) - low) * (k - start)) / ((this.count[g + 1] as number) - start)
    );
  }
}

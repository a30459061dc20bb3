/**
 * The curve that metrics read: running sums over groups of equal confidence, each row counted as
 * often as it was drawn. Without resampling, every row counts once.
 */
import { CALL_RATES } from './call-rates.js';
import { RowTotals } from './row-totals.js';
import { SortedRows } from './sorted-rows.js';
import type { MetricCurve, RowQuantity, ScoredRows } from './types.js';
import type { Weights } from './weights.js';

interface Kept {
  value: unknown;
  stamp: number;
}

/** Buffers that are filled again for each resample; see {@link MetricCurve}. */
export class Curve implements MetricCurve {
  groups = 0;
  rows = 0;
  right = 0;
  weakMean = NaN;
  strongMean = NaN;
  readonly count: Int32Array;
  readonly gained: Float64Array;
  readonly rights: Int32Array;
  readonly area: Float64Array;
  /**
   * Index of each group among the groups of the sorted rows: groups without drawn rows are skipped.
   */
  readonly #source: Int32Array;
  readonly #mostRows: number;
  readonly #kept = new Map<unknown, Kept>();
  readonly #sums = new Map<RowQuantity, { readonly sums: Float64Array; stamp: number }>();
  #sorted!: SortedRows;
  #weights!: Weights;
  #probabilities: Float64Array | undefined;
  /** Stamp of the resample that `#probabilities` belongs to. */
  #probabilitiesStamp = 0;
  #stamp = 0;

  /** Allocates buffers for sets of at most `mostRows` rows. */
  constructor(mostRows: number) {
    this.#mostRows = mostRows;
    this.gained = new Float64Array(mostRows + 1);
    this.area = new Float64Array(mostRows + 1);
    this.count = new Int32Array(mostRows + 1);
    this.rights = new Int32Array(mostRows + 1);
    this.#source = new Int32Array(mostRows + 1);
  }

  /** Fills the sums. At least one row must count. */
  load(sorted: SortedRows, weights: Weights): void {
    this.#sorted = sorted;
    this.#weights = weights;
    this.#stamp++;
    this.groups =
      sorted.groupEnds.length === sorted.n
        ? this.#loadSingles(sorted, weights)
        : this.#loadGroups(sorted, weights);
    this.rows = weights.rows;
    this.right = weights.right;
    this.weakMean = weights.weakSum / weights.rows;
    this.strongMean = weights.strongSum / weights.rows;
  }

  confidenceAt(group: number): number {
    return this.#sorted.value[this.#source[group] as number] as number;
  }

  probabilities(): Float64Array {
    const probabilities = (this.#probabilities ??= new Float64Array(this.#mostRows));
    if (this.#probabilitiesStamp === this.#stamp) return probabilities;
    this.#probabilitiesStamp = this.#stamp;
    const { groups } = this;
    const { probability } = this.#sorted;
    const source = this.#source;
    for (let g = 0; g < groups; g++) probabilities[g] = probability[source[g] as number] as number;
    return probabilities;
  }

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

  scoreAt(k: number): number {
    return this.weakMean + this.between(this.gained, k) / this.rows;
  }

  between(sums: Float64Array | Int32Array, k: number): number {
    if (k <= 0) return 0;
    const g = this.findGroup(k);
    const low = sums[g] as number;
    const start = this.count[g] as number;
    return (
      low +
      (((sums[g + 1] as number) - low) * (k - start)) / ((this.count[g + 1] as number) - start)
    );
  }

  total(quantity: RowQuantity): number {
    return this.#sorted.totals.total(quantity, this.#weights);
  }

  least(quantity: RowQuantity): number {
    return this.#sorted.totals.least(quantity);
  }

  sums(quantity: RowQuantity): Float64Array {
    let known = this.#sums.get(quantity);
    if (known === undefined) {
      known = { sums: new Float64Array(this.#mostRows + 1), stamp: 0 };
      this.#sums.set(quantity, known);
    }
    if (known.stamp !== this.#stamp) {
      known.stamp = this.#stamp;
      const values = this.#sorted.at(quantity);
      if (this.#sorted.groupEnds.length === this.#sorted.n) this.#sumSingles(values, known.sums);
      else this.#sumGroups(values, known.sums);
    }
    return known.sums;
  }

  sumTo(quantity: RowQuantity, k: number): number {
    if (k <= 0) return 0;
    const known = this.#sums.get(quantity);
    if (known !== undefined && known.stamp === this.#stamp) return this.between(known.sums, k);
    const values = this.#sorted.at(quantity);
    const last = this.findGroup(k);
    const start = this.count[last] as number;
    const share = (k - start) / ((this.count[last + 1] as number) - start);
    return this.#sorted.groupEnds.length === this.#sorted.n
      ? this.#sumSinglesTo(values, last, share)
      : this.#sumGroupsTo(values, last, share);
  }

  once<T>(compute: (curve: MetricCurve, before: T | undefined) => T): T {
    const kept = this.#kept.get(compute);
    if (kept === undefined) {
      const value = compute(this, undefined);
      this.#kept.set(compute, { value, stamp: this.#stamp });
      return value;
    }
    if (kept.stamp !== this.#stamp) {
      kept.value = compute(this, kept.value as T);
      kept.stamp = this.#stamp;
    }
    return kept.value as T;
  }

  /**
   * Every row is a group. A row that was not drawn writes values that the next row overwrites: this
   * is cheaper than a branch that the processor cannot predict.
   */
  #loadSingles({ n, order, gain, label }: SortedRows, { multiplicity }: Weights): number {
    const { count, gained, rights, area } = this;
    const source = this.#source;
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

  #loadGroups({ order, gain, label, groupEnds }: SortedRows, { multiplicity }: Weights): number {
    const { count, gained, rights, area } = this;
    const source = this.#source;
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

  #sumSingles(values: Float64Array, sums: Float64Array): void {
    const { groups, count } = this;
    const source = this.#source;
    let before = 0;
    let sum = 0;
    for (let g = 0; g < groups; g++) {
      const after = count[g + 1] as number;
      sum += (after - before) * (values[source[g] as number] as number);
      sums[g + 1] = sum;
      before = after;
    }
  }

  /** The sum over all groups before `last`, plus a share of `last`. */
  #sumSinglesTo(values: Float64Array, last: number, share: number): number {
    const { count } = this;
    const source = this.#source;
    let before = 0;
    let sum = 0;
    for (let g = 0; g < last; g++) {
      const after = count[g + 1] as number;
      sum += (after - before) * (values[source[g] as number] as number);
      before = after;
    }
    const times = (count[last + 1] as number) - before;
    return sum + share * times * (values[source[last] as number] as number);
  }

  #sumGroupsTo(values: Float64Array, last: number, share: number): number {
    const { order, groupEnds } = this.#sorted;
    const { multiplicity } = this.#weights;
    const group = this.#source[last] as number;
    const from = group === 0 ? 0 : (groupEnds[group - 1] as number);
    const to = groupEnds[group] as number;
    let sum = 0;
    for (let position = 0; position < from; position++)
      sum += (multiplicity[order[position] as number] as number) * (values[position] as number);
    let inside = 0;
    for (let position = from; position < to; position++)
      inside += (multiplicity[order[position] as number] as number) * (values[position] as number);
    return sum + share * inside;
  }

  #sumGroups(values: Float64Array, sums: Float64Array): void {
    const { order, groupEnds } = this.#sorted;
    const { multiplicity } = this.#weights;
    const source = this.#source;
    let sum = 0;
    for (let g = 0; g < this.groups; g++) {
      const group = source[g] as number;
      const end = groupEnds[group] as number;
      let position = group === 0 ? 0 : (groupEnds[group - 1] as number);
      for (; position < end; position++)
        sum += (multiplicity[order[position] as number] as number) * (values[position] as number);
      sums[g + 1] = sum;
    }
  }
}

/** Weights that count every row once. */
function unitWeights({ n, label, weak, strong }: ScoredRows): Weights {
  let right = 0;
  let weakSum = 0;
  let strongSum = 0;
  for (let row = 0; row < n; row++) {
    right += label[row] as number;
    weakSum += weak[row] as number;
    strongSum += strong[row] as number;
  }
  return {
    multiplicity: new Uint16Array(n).fill(1),
    rows: n,
    right,
    weakSum,
    strongSum,
    stamp: 1,
  };
}

/** Cache of curves, so that the metrics of a set sort its rows only once. */
const curves = new WeakMap<ScoredRows, Curve>();

/** Builds the curve of rows that all count once. Rows must not be empty. */
export function buildCurve(rows: ScoredRows): Curve {
  const known = curves.get(rows);
  if (known !== undefined) return known;
  if (rows.n === 0) throw new RangeError('there are no rows to measure');
  const curve = new Curve(rows.n);
  curve.load(new SortedRows(new RowTotals(rows), rows.confidence), unitWeights(rows));
  curves.set(rows, curve);
  return curve;
}

/** [call rate, score] at 101 call rates, for drawing. */
export function curvePoints(rows: ScoredRows): readonly (readonly [number, number])[] {
  if (rows.n === 0) return [];
  const curve = buildCurve(rows);
  return CALL_RATES.map((rate) => [rate, curve.scoreAt(rate * rows.n)] as const);
}

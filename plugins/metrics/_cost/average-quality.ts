/** The area that RouterBench's AIQ is made of. */
import { ascending } from '../../../analysis/index.js';

/** Whether numbers only rise, only fall, or do both. */
function trend(values: Float64Array, length: number): 'rising' | 'falling' | 'mixed' {
  let rises = false;
  let falls = false;
  let before = values[0] as number;
  for (let i = 1; i < length; i++) {
    const value = values[i] as number;
    if (value > before) rises = true;
    else if (value < before) falls = true;
    before = value;
  }
  if (!falls) return 'rising';
  return rises ? 'mixed' : 'falling';
}

/** Corners of a non-decreasing upper hull, from the left; costs and scores both rise strictly. */
class Corners {
  size = 0;
  readonly x: Float64Array;
  readonly y: Float64Array;

  constructor(most: number) {
    this.x = new Float64Array(most);
    this.y = new Float64Array(most);
  }

  /** Takes a point that is no cheaper than those before. */
  push(px: number, py: number): void {
    const { x, y } = this;
    let size = this.size;
    if (size > 0 && py <= (y[size - 1] as number)) return; // no better than what is no dearer
    while (size > 0) {
      const bx = x[size - 1] as number;
      if (bx < px) {
        if (size === 1) break;
        const ax = x[size - 2] as number;
        const ay = y[size - 2] as number;
        if ((bx - ax) * (py - ay) < ((y[size - 1] as number) - ay) * (px - ax)) break;
      }
      size--;
    }
    x[size] = px;
    y[size] = py;
    this.size = size + 1;
  }
}

/**
 * The hull of every so many points is made first: most others lie below it, which costs one
 * comparison.
 */
const STRIDE = 16;

/** Measures curves of up to so many points one after the other. */
export class AverageQuality {
  readonly #coarse: Corners;
  readonly #fine: Corners;

  constructor(readonly most: number) {
    this.#coarse = new Corners(Math.ceil(most / STRIDE) + 1);
    this.#fine = new Corners(most);
  }

  /**
   * Mean height, over the costs between the first and the last point, of the non-decreasing upper
   * hull of points (cost, score) in any order; NaN where the two cost
   * the same. The first `points` numbers of both lists count. Costs that rise or fall all along
   * need no sorting; who knows that they never fall says so.
   */
  compute(cost: Float64Array, score: Float64Array, points: number, rising = false): number {
    const [first, last] = [cost[0] as number, cost[points - 1] as number];
    const [from, to] = [Math.min(first, last), Math.max(first, last)];
    if (!(to > from)) return NaN;
    const direction = rising ? 'rising' : trend(cost, points);
    if (direction === 'rising') this.#hull(cost, score, points);
    else {
      const order =
        direction === 'falling'
          ? Uint32Array.from({ length: points }, (_, i) => points - 1 - i)
          : ascending(cost.slice(0, points));
      this.#hull(
        Float64Array.from(order, (row) => cost[row] as number),
        Float64Array.from(order, (row) => score[row] as number),
        points,
      );
    }
    return this.#area(from, to) / (to - from);
  }

  /** The corners of points in ascending order of cost. */
  #hull(cost: Float64Array, score: Float64Array, points: number): void {
    const [coarse, fine] = [this.#coarse, this.#fine];
    [coarse.size, fine.size] = [0, 0];
    for (let index = 0; index < points - 1; index += STRIDE)
      coarse.push(cost[index] as number, score[index] as number);
    coarse.push(cost[points - 1] as number, score[points - 1] as number);
    for (let corner = 0, index = 0; corner < coarse.size; corner++) {
      const x = coarse.x[corner] as number;
      const y = coarse.y[corner] as number;
      const end = corner + 1 < coarse.size ? (coarse.x[corner + 1] as number) : Infinity;
      const slope = end === Infinity ? 0 : ((coarse.y[corner + 1] as number) - y) / (end - x);
      fine.push(x, y);
      for (; index < points && (cost[index] as number) < end; index++) {
        const height = score[index] as number;
        if (height > y + slope * ((cost[index] as number) - x))
          fine.push(cost[index] as number, height);
      }
    }
  }

  #area(from: number, to: number): number {
    const { x, y, size } = this.#fine;
    let area = 0;
    for (let i = 1; i < size; i++) {
      const x0 = x[i - 1] as number;
      const y0 = y[i - 1] as number;
      const left = Math.max(x0, from);
      const right = Math.min(x[i] as number, to);
      if (right > left)
        area +=
          (y0 + (((y[i] as number) - y0) * ((left + right) / 2 - x0)) / ((x[i] as number) - x0)) *
          (right - left);
    }
    const end = x[size - 1] as number;
    return to > end ? area + (y[size - 1] as number) * (to - Math.max(end, from)) : area;
  }
}

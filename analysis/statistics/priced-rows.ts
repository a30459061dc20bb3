/**
 * What the rows of a set cost with either model, and what the best decisions would cost: sums over
 * a draw that all routers who pay alike share.
 */
import { optimalAt } from '../metrics/cost.js';
import type { RowCosts } from '../metrics/types.js';
import type { Draw } from './draw.js';
import type { SharedRows } from './shared-rows.js';

/** The costs of a set's rows, all known, with their sums over the last draw that was taken. */
export class PricedRows {
  weakCost = 0;
  strongCost = 0;
  /** Of every query at its cheapest best-scoring model. */
  bestScore = 0;
  bestCost = 0;
  /** Queries whose cheapest best-scoring model is the weak one. */
  weakOptimal = 0;
  /** The same for each row, 1 or 0, and for the strong model. */
  readonly keepOptimal: Uint8Array;
  readonly sendOptimal: Uint8Array;
  readonly #bestScore: Float64Array;
  readonly #bestCost: Float64Array;

  constructor(
    { n, weak, strong }: SharedRows,
    readonly cost: RowCosts,
  ) {
    const optimal = optimalAt({ weak, strong }, cost);
    [this.keepOptimal, this.sendOptimal] = [new Uint8Array(n), new Uint8Array(n)];
    [this.#bestScore, this.#bestCost] = [new Float64Array(n), new Float64Array(n)];
    for (let row = 0; row < n; row++) {
      const keep = optimal.weak(row);
      this.keepOptimal[row] = keep;
      this.sendOptimal[row] = optimal.strong(row);
      this.#bestScore[row] = (keep === 1 ? weak : strong)[row] as number;
      this.#bestCost[row] = (keep === 1 ? cost.weak : cost.strong)[row] as number;
    }
  }

  /** Sums over a draw. */
  take({ multiplicity }: Draw): void {
    const { keepOptimal, cost } = this;
    let [weakCost, strongCost, bestScore, bestCost, weakOptimal] = [0, 0, 0, 0, 0];
    for (let row = 0; row < multiplicity.length; row++) {
      const times = multiplicity[row] as number;
      weakCost += times * (cost.weak[row] as number);
      strongCost += times * (cost.strong[row] as number);
      bestScore += times * (this.#bestScore[row] as number);
      bestCost += times * (this.#bestCost[row] as number);
      weakOptimal += times * (keepOptimal[row] as number);
    }
    [this.weakCost, this.strongCost, this.bestScore, this.bestCost, this.weakOptimal] = [
      weakCost,
      strongCost,
      bestScore,
      bestCost,
      weakOptimal,
    ];
  }
}

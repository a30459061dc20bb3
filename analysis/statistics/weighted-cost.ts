/**
 * The metrics of cost of one resample: those of analysis/metrics/cost.ts on rows repeated as often as
 * drawn.
 */
import { AverageQuality } from '../metrics/average-quality.js';
import { DECISION_CALL_RATE, decisionMetrics, EQUAL_QUALITY } from '../metrics/cost.js';
import type { Draw } from './draw.js';
import type { SortedCost, SortedRows } from './sorted-rows.js';
import type { WeightedCurve } from './weighted-curve.js';

/** Values of one resample; NaN stands for null. */
export interface CostValues {
  readonly aiq: number;
  readonly cost: number;
  readonly costEqualQuality: number;
  readonly costSaved: number;
  readonly arena: number;
  readonly optSel: number;
  readonly optCost: number;
  readonly optAcc: number;
}

/** Buffers that are filled anew for each resample. */
export class WeightedCost {
  /** What escalating adds to the cost, up to each group of the curve. */
  readonly #spent: Float64Array;
  readonly #quality: AverageQuality;

  constructor(mostRows: number) {
    [this.#spent, this.#quality] = [
      new Float64Array(mostRows + 1),
      new AverageQuality(mostRows + 1),
    ];
  }

  /** Measures; the curve and the sums of the costs must have been filled from the same draw. */
  measure(sorted: SortedRows, cost: SortedCost, curve: WeightedCurve, draw: Draw): CostValues {
    const { rows, groups, weakMean, gained } = curve;
    const spent = this.#spent;
    const { priced } = cost;
    const half = DECISION_CALL_RATE * rows;
    const turned =
      sorted.groupEnds.length === sorted.n
        ? this.#loadSingles(cost, curve, half)
        : this.#loadGroups(sorted, cost, curve, draw, half);
    const decided = {
      score: weakMean + curve.gainAt(half) / rows,
      cost: (priced.weakCost + curve.between(spent, half)) / rows,
      optimal: (priced.weakOptimal + turned) / rows,
    };
    const values = decisionMetrics(decided, {
      score: priced.bestScore / rows,
      cost: priced.bestCost / rows,
      optimal: 1,
    });
    const getMetric = (name: string): number => values[name]?.value ?? NaN;
    const least = priced.weakCost + leastSpent(cost, curve, spent);
    return {
      aiq: weakMean + this.#quality.compute(spent, gained, groups + 1, cost.rising) / rows,
      cost: getMetric('cost'),
      costEqualQuality: (1000 * least) / rows,
      costSaved: priced.strongCost > 0 ? 100 * (1 - least / priced.strongCost) : NaN,
      arena: getMetric('arena'),
      optSel: getMetric('opt-sel'),
      optCost: getMetric('opt-cost'),
      optAcc: getMetric('opt-acc'),
    };
  }

  /**
   * Fills the sums where every row is a group; returns how many more queries are at an optimal
   * model once `half` rows are escalated.
   */
  #loadSingles({ gain, optimalGain }: SortedCost, curve: WeightedCurve, half: number): number {
    const { groups, count, source } = curve;
    const spent = this.#spent;
    let before = 0;
    let sum = 0;
    for (let g = 0; g < groups; g++) {
      const after = count[g + 1] as number;
      sum += (after - before) * (gain[source[g] as number] as number);
      spent[g + 1] = sum;
      before = after;
    }
    const last = curve.findGroup(half);
    let turned = 0;
    before = 0;
    for (let g = 0; g < last; g++) {
      const after = count[g + 1] as number;
      turned += (after - before) * (optimalGain[source[g] as number] as number);
      before = after;
    }
    return turned + (half - before) * (optimalGain[source[last] as number] as number);
  }

  #loadGroups(
    { order, groupEnds }: SortedRows,
    { gain, optimalGain }: SortedCost,
    { groups, count, source }: WeightedCurve,
    { multiplicity }: Draw,
    half: number,
  ): number {
    const spent = this.#spent;
    let sum = 0;
    let turned = 0;
    for (let g = 0; g < groups; g++) {
      const group = source[g] as number;
      let groupGain = 0;
      for (
        let position = group === 0 ? 0 : (groupEnds[group - 1] as number);
        position < (groupEnds[group] as number);
        position++
      ) {
        const times = multiplicity[order[position] as number] as number;
        sum += times * (gain[position] as number);
        groupGain += times * (optimalGain[position] as number);
      }
      spent[g + 1] = sum;
      const from = count[g] as number;
      const to = count[g + 1] as number;
      if (from < half) turned += (groupGain * (Math.min(to, half) - from)) / (to - from);
    }
    return turned;
  }
}

/**
 * The least that escalating adds where whole calls make the score as good as the strong model's
 * alone.
 */
function leastSpent(
  { rising }: SortedCost,
  { groups, count, gained, rows }: WeightedCurve,
  spent: Float64Array,
): number {
  const target = (gained[groups] as number) - EQUAL_QUALITY * rows;
  let least = spent[groups] as number; // always-strong has its own quality, whatever rounding says
  let g = 0;
  if (target <= 0) least = Math.min(least, 0);
  else while (g < groups && (gained[g + 1] as number) < target) g++;
  for (; g < groups; g++) {
    const before = gained[g] as number;
    const after = gained[g + 1] as number;
    if (before < target && after < target) continue;
    const size = (count[g + 1] as number) - (count[g] as number);
    const low = spent[g] as number;
    const high = spent[g + 1] as number;
    // inside a group both are straight lines, so the least lies at one end of the calls that are
    // good enough
    if (before < target)
      least = Math.min(
        least,
        high,
        low +
          ((high - low) * Math.ceil(((target - before) / (after - before)) * size - 1e-9)) / size,
      );
    else if (after < target)
      least = Math.min(
        least,
        low +
          ((high - low) * Math.floor(((before - target) / (before - after)) * size + 1e-9)) / size,
      );
    else least = Math.min(least, high);
    if (rising && least < (spent[groups] as number)) break;
  }
  return least;
}

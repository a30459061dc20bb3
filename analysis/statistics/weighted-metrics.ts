/**
 * Every metric of one resample. They are those of core/metrics on rows repeated as often as drawn,
 * which a test compares; here nothing is repeated.
 */
import { BINS } from '../metrics/calibration.js';
import { CALL_RATES } from '../metrics/grid.js';
import { ALL_METRICS } from '../metrics/index.js';
import type { MetricSettings } from '../metrics/types.js';
import type { Draw } from './draw.js';
import type { SortedRows } from './sorted-rows.js';
import { WeightedCost } from './weighted-cost.js';
import { WeightedCurve } from './weighted-curve.js';

/** Where each metric stands in a vector of values. */
export const METRIC_NAMES: readonly string[] = ALL_METRICS.map(({ name }) => name);

const METRIC_INDEX = Object.fromEntries(METRIC_NAMES.map((name, i) => [name, i]));
const getMetricIndex = (name: string): number => {
  const index = METRIC_INDEX[name];
  if (index === undefined) throw new Error(`no metric is called ${name}`);
  return index;
};
const [AUROC, LPM, MPM, HCR] = [
  getMetricIndex('auroc'),
  getMetricIndex('lpm'),
  getMetricIndex('mpm'),
  getMetricIndex('hcr'),
] as const;
const [LPM_EXACT, MPM_EXACT, HCR_EXACT] = [
  getMetricIndex('lpm-exact'),
  getMetricIndex('mpm-exact'),
  getMetricIndex('hcr-exact'),
] as const;
const [AUC, APGR, APGR_EXACT] = [
  getMetricIndex('auc'),
  getMetricIndex('apgr'),
  getMetricIndex('apgr-exact'),
] as const;
const PGR = [
  [getMetricIndex('pgr20'), 0.2],
  [getMetricIndex('pgr50'), 0.5],
] as const;
const CPT = [
  [getMetricIndex('cpt20'), 0.2],
  [getMetricIndex('cpt50'), 0.5],
  [getMetricIndex('cpt80'), 0.8],
] as const;
const [BRIER, ECE, AURC, E_AURC] = [
  getMetricIndex('brier'),
  getMetricIndex('ece'),
  getMetricIndex('aurc'),
  getMetricIndex('e-aurc'),
] as const;
const SELECTIVE = [
  [getMetricIndex('selective80'), 0.8],
  [getMetricIndex('selective90'), 0.9],
  [getMetricIndex('selective95'), 0.95],
] as const;
const [AIQ, COST, COST_EQUAL_QUALITY, COST_SAVED] = [
  getMetricIndex('aiq'),
  getMetricIndex('cost'),
  getMetricIndex('cost-equal-quality'),
  getMetricIndex('cost-saved'),
] as const;
const [ARENA, OPT_SEL, OPT_COST, OPT_ACC] = [
  getMetricIndex('arena'),
  getMetricIndex('opt-sel'),
  getMetricIndex('opt-cost'),
  getMetricIndex('opt-acc'),
] as const;

/** Measures resamples of one set one after the other; NaN stands for null. */
export class WeightedMetrics {
  readonly #curve: WeightedCurve;
  readonly #cost: WeightedCost;
  readonly #grid = new Float64Array(CALL_RATES.length);
  readonly #x = new Float64Array(11);
  readonly #y = new Float64Array(11);
  readonly #lowGrid: readonly number[];
  readonly #lastLow: number;
  /** 1 + 1/2 + … + 1/k. */
  #harmonic: Float64Array;

  constructor(
    private readonly settings: MetricSettings,
    mostRows: number,
  ) {
    this.#curve = new WeightedCurve(mostRows);
    this.#cost = new WeightedCost(mostRows);
    const [low, end] = settings.lowBand;
    this.#lowGrid = CALL_RATES.flatMap((rate, i) => (rate >= low && rate <= end ? [i] : []));
    this.#lastLow = CALL_RATES.findLastIndex((rate) => rate <= end);
    this.#harmonic = harmonicTo(2 * mostRows);
  }

  /**
   * Writes the values into out[offset …]; where the rows have costs, their sums must have been
   * taken from the same draw.
   */
  measure(sorted: SortedRows, draw: Draw, out: Float32Array | Float64Array, offset: number): void {
    const curve = this.#curve;
    out.fill(NaN, offset, offset + METRIC_NAMES.length);
    if (draw.rows === 0) return;
    curve.load(sorted, draw);
    if (this.#harmonic.length <= curve.rows) this.#harmonic = harmonicTo(2 * curve.rows);
    this.#ranking(out, offset);
    this.#onGrid(out, offset);
    this.#exact(out, offset);
    this.#routeLlm(sorted, out, offset);
    if (sorted.probability !== null) this.#calibration(sorted, sorted.probability, out, offset);
    if (sorted.cost !== null) {
      const values = this.#cost.measure(sorted, sorted.cost, curve, draw);
      out[offset + AIQ] = values.aiq;
      out[offset + COST] = values.cost;
      out[offset + COST_EQUAL_QUALITY] = values.costEqualQuality;
      out[offset + COST_SAVED] = values.costSaved;
      out[offset + ARENA] = values.arena;
      out[offset + OPT_SEL] = values.optSel;
      out[offset + OPT_COST] = values.optCost;
      out[offset + OPT_ACC] = values.optAcc;
    }
  }

  /** auroc, aurc and their kin: one walk over the groups. */
  #ranking(out: Float32Array | Float64Array, offset: number): void {
    const { count, rights, groups, rows, right } = this.#curve;
    const harmonic = this.#harmonic;
    let wins = 0;
    let risk = 0;
    let kept = rows; // from this group upwards, like the wrong ones
    let wrong = rows - right;
    let below = 0; // rows with label 0 below this group
    for (let g = 0; g < groups; g++) {
      const size = (count[g + 1] as number) - (count[g] as number);
      const positives = (rights[g + 1] as number) - (rights[g] as number);
      const negatives = size - positives;
      wins += positives * (below + negatives / 2);
      below += negatives;
      const above = kept - size;
      risk +=
        (wrong - negatives - (negatives * above) / size) *
          ((harmonic[kept] as number) - (harmonic[above] as number)) +
        negatives;
      kept = above;
      wrong -= negatives;
    }
    if (right > 0 && right < rows) out[offset + AUROC] = wins / (right * (rows - right));
    out[offset + AURC] = risk / rows;
    out[offset + E_AURC] =
      (risk - (rows - right) + right * ((harmonic[rows] as number) - (harmonic[right] as number))) /
      rows;
    for (const [at, coverage] of SELECTIVE) {
      const surest = coverage * rows;
      if (surest < 1) continue;
      const rest = rows - surest;
      out[offset + at] = 1 - (rows - right - (rest - this.#curve.rightsAt(rest))) / surest;
    }
  }

  /** lpm, mpm and hcr. */
  #onGrid(out: Float32Array | Float64Array, offset: number): void {
    const curve = this.#curve;
    const { count, rows, weakMean, strongMean } = curve;
    const grid = this.#grid;
    let g = 0;
    for (let i = 0; i < grid.length; i++) {
      const k = Math.floor((CALL_RATES[i] as number) * rows);
      while ((count[g + 1] as number) < k) g++;
      grid[i] = k === 0 ? weakMean : curve.scoreIn(g, k);
    }
    let sum = 0;
    for (const i of this.#lowGrid) sum += grid[i] as number;
    out[offset + LPM] = sum / this.#lowGrid.length; // no point in the band: 0 / 0, null
    if (strongMean <= weakMean) return;
    const [r1, r2] = this.settings.recoveryBand;
    const gap = strongMean - weakMean;
    const [floor, low, high] = [
      grid[this.#lastLow] as number,
      weakMean + gap * r1,
      weakMean + gap * r2,
    ];
    let [middle, inMiddle, rate, inBand] = [0, 0, 0, 0];
    for (let i = 0; i < grid.length; i++) {
      const score = grid[i] as number;
      if (score > floor && score < low) {
        middle += score;
        inMiddle++;
      }
      if (score >= low && score <= high) {
        rate += CALL_RATES[i] as number;
        inBand++;
      }
    }
    out[offset + MPM] = middle / inMiddle;
    out[offset + HCR] = 1 - rate / inBand;
  }

  /** The forms on the exact curve. */
  #exact(out: Float32Array | Float64Array, offset: number): void {
    const curve = this.#curve;
    const { rows, weakMean, strongMean } = curve;
    const { lowBand, recoveryBand } = this.settings;
    const meanOver = (from: number, to: number): number =>
      weakMean +
      (curve.areaTo(to * rows) - curve.areaTo(from * rows)) / (rows * rows * (to - from));
    out[offset + LPM_EXACT] = meanOver(lowBand[0], lowBand[1]);
    const gap = strongMean - weakMean;
    if (gap <= 0) return;
    if (lowBand[1] < recoveryBand[0])
      out[offset + MPM_EXACT] = meanOver(lowBand[1], recoveryBand[0]);
    out[offset + HCR_EXACT] = this.#recovery(gap * rows);
    out[offset + APGR_EXACT] = (curve.area[curve.groups] as number) / (rows * rows) / gap;
    for (const [at, callRate] of PGR)
      out[offset + at] = curve.gainAt(callRate * rows) / (gap * rows);
  }

  /** hcr-exact; `gap` is the gain of escalating everything. */
  #recovery(gap: number): number {
    const { count, gained, groups, rows } = this.#curve;
    const [r1, r2] = this.settings.recoveryBand;
    const [bottom, top] = [r1 * gap, r2 * gap];
    let g = 0;
    while (g < groups && (gained[g + 1] as number) <= bottom) g++;
    let reached = bottom;
    let area = 0;
    for (; g < groups && reached < top; g++) {
      const a = gained[g] as number;
      const b = gained[g + 1] as number;
      if (b <= reached) continue;
      const slope = ((count[g + 1] as number) - (count[g] as number)) / (b - a);
      const to = Math.min(b, top);
      area += ((count[g] as number) + slope * ((reached + to) / 2 - a)) * (to - reached);
      reached = b;
    }
    if (reached < top) area += rows * (top - reached); // rounding at the last call
    return 1 - area / rows / (top - bottom);
  }

  /** auc, apgr and cpt on RouteLLM's points. */
  #routeLlm({ value }: SortedRows, out: Float32Array | Float64Array, offset: number): void {
    const curve = this.#curve;
    const { count, source, rows, weakMean, strongMean } = curve;
    const [x, y] = [this.#x, this.#y];
    [x[0], y[0], x[10], y[10]] = [0, weakMean, 1, strongMean];
    for (let j = 9; j >= 1; j--) {
      const position = (rows - 1) * (1 - j / 10);
      const below = Math.floor(position);
      const lowGroup = curve.findGroup(below + 1);
      const highGroup = curve.findGroup(Math.min(rows, below + 2));
      const [low, high] = [
        value[source[lowGroup] as number] as number,
        value[source[highGroup] as number] as number,
      ];
      const threshold =
        low === -Infinity || low === high ? low : low + (high - low) * (position - below);
      const group = threshold >= high ? highGroup : lowGroup;
      const calls = count[group + 1] as number;
      x[10 - j] = calls / rows;
      y[10 - j] = curve.scoreIn(group, calls);
    }
    let area = 0;
    for (let i = 1; i <= 10; i++)
      area +=
        (((y[i] as number) + (y[i - 1] as number)) / 2) * ((x[i] as number) - (x[i - 1] as number));
    out[offset + AUC] = area;
    if (strongMean <= weakMean) return;
    out[offset + APGR] = (area - weakMean) / (strongMean - weakMean);
    for (const [position, share] of CPT) {
      const level = weakMean + share * (strongMean - weakMean);
      let i = 0;
      while (i < 10 && (y[i] as number) < level) i++;
      const [px, py] = [x[Math.max(0, i - 1)] as number, y[Math.max(0, i - 1)] as number];
      const [qx, qy] = [x[i] as number, y[i] as number];
      out[offset + position] =
        100 * (qy < level ? 1 : qy === py ? qx : px + ((level - py) / (qy - py)) * (qx - px));
    }
  }

  /** brier and ece, without the group that has no confidence. */
  #calibration(
    { value }: SortedRows,
    probability: Float64Array,
    out: Float32Array | Float64Array,
    offset: number,
  ): void {
    const { count, rights, source, groups, rows } = this.#curve;
    const first = value[source[0] as number] === -Infinity ? 1 : 0;
    const base = count[first] as number;
    const total = rows - base;
    if (total === 0) return;
    const mass = total / BINS;
    let squares = 0;
    // Σ (probability − label) up to here; over a bin, its mass times the distance of its means
    let apart = 0;
    let lastEdge = 0; // the same up to the last edge of a bin
    let distance = 0;
    let bin = 1;
    let edge = mass;
    let before = 0;
    let rightBefore = rights[first] as number;
    for (let g = first; g < groups; g++) {
      const after = (count[g + 1] as number) - base;
      const rightAfter = rights[g + 1] as number;
      const size = after - before;
      const right = rightAfter - rightBefore;
      const p = probability[source[g] as number] as number;
      const gap = size * p - right;
      squares += size * p * p + right * (1 - 2 * p);
      while (after > edge) {
        const there = apart + (gap * (edge - before)) / size;
        distance += Math.abs(there - lastEdge);
        lastEdge = there;
        bin++;
        edge = bin < BINS ? bin * mass : Infinity;
      }
      apart += gap;
      before = after;
      rightBefore = rightAfter;
    }
    out[offset + BRIER] = squares / total;
    out[offset + ECE] = (distance + Math.abs(apart - lastEdge)) / total;
  }
}

function harmonicTo(most: number): Float64Array {
  const sums = new Float64Array(most + 1);
  for (let k = 1; k <= most; k++) sums[k] = (sums[k - 1] as number) + 1 / k;
  return sums;
}

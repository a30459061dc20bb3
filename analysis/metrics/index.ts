/** Every metric of a router on a set: pure functions of its rows. */
import { auroc } from './auroc.js';
import { brier, ece } from './calibration.js';
import {
  aiq,
  arena,
  costAtCallRate,
  costAtEqualQuality,
  costSaved,
  optAcc,
  optCost,
  optSel,
} from './cost.js';
import { prepare, type Prepared } from './curve.js';
import { hcrExact, lpmExact, mpmExact } from './exact.js';
import { CALL_RATES, hcr, lpm, mpm } from './grid.js';
import { aurc, excessAurc, selectiveAccuracy } from './risk-coverage.js';
import { apgr, apgrExact, auc, cpt, pgr } from './route-llm.js';
import { scoreAt } from './curve.js';
import { none, type MetricSettings, type MetricValue, type ScoredRows } from './types.js';

/** A metric by its name in the field. */
export interface Metric {
  readonly name: string;
  readonly summary: string;
  readonly higherIsBetter: boolean;
  readonly compute: (prepared: Prepared, settings: MetricSettings) => MetricValue;
}

const metric = (
  name: string,
  higherIsBetter: boolean,
  summary: string,
  compute: Metric['compute'],
): Metric => ({ name, summary, higherIsBetter, compute });

/** All of them, in the order in which they are shown. */
export const METRICS: readonly Metric[] = [
  metric('auroc', true, 'Area under the ROC curve of confidence against label', auroc),
  metric('lpm', true, 'Mean score at low call rates, on the paper\u2019s grid', lpm),
  metric(
    'mpm',
    true,
    'Mean score between the low band and the recovery band, on the paper\u2019s grid',
    mpm,
  ),
  metric(
    'hcr',
    true,
    'One minus the call rate that recovers most of the gap, on the paper\u2019s grid',
    hcr,
  ),
  metric('lpm-exact', true, 'Mean score at low call rates, on the exact curve', lpmExact),
  metric(
    'mpm-exact',
    true,
    'Mean score from the low band to call rate r1, on the exact curve',
    mpmExact,
  ),
  metric(
    'hcr-exact',
    true,
    'One minus the smallest call rate that recovers most of the gap, on the exact curve',
    hcrExact,
  ),
  metric('auc', true, 'Area under score against call rate, on RouteLLM\u2019s points', auc),
  metric('apgr', true, 'Average performance gap recovered, on RouteLLM\u2019s points', apgr),
  metric('apgr-exact', true, 'Average performance gap recovered, on the exact curve', apgrExact),
  metric('pgr20', true, 'Share of the gap recovered at 20 % calls', pgr(0.2)),
  metric('pgr50', true, 'Share of the gap recovered at 50 % calls', pgr(0.5)),
  metric('cpt20', false, 'Calls in % that recover 20 % of the gap', cpt(0.2)),
  metric('cpt50', false, 'Calls in % that recover 50 % of the gap', cpt(0.5)),
  metric('cpt80', false, 'Calls in % that recover 80 % of the gap', cpt(0.8)),
  metric('brier', false, 'Mean squared distance of probability and label', brier),
  metric('ece', false, 'Expected calibration error, 15 bins of equal mass', ece),
  metric('aurc', false, 'Area under the risk-coverage curve of the weak model', aurc),
  metric('e-aurc', false, 'The same above what the best order of the labels has', excessAurc),
  metric(
    'selective80',
    true,
    'Share of right weak answers among the surest 80 %',
    selectiveAccuracy(0.8),
  ),
  metric(
    'selective90',
    true,
    'Share of right weak answers among the surest 90 %',
    selectiveAccuracy(0.9),
  ),
  metric(
    'selective95',
    true,
    'Share of right weak answers among the surest 95 %',
    selectiveAccuracy(0.95),
  ),
];

/** Metrics of what decisions cost: measured where the cost of any row is known. */
export const COST_METRICS: readonly Metric[] = [
  metric(
    'aiq',
    true,
    'Mean score over the range of costs, under the convex hull of cost and score (RouterBench)',
    aiq,
  ),
  metric('cost', false, 'US dollars per 1,000 queries at a call rate of 50 %', costAtCallRate),
  metric(
    'cost-equal-quality',
    false,
    'US dollars per 1,000 queries at which the router is as good as the strong model alone',
    costAtEqualQuality,
  ),
  metric(
    'cost-saved',
    true,
    'Share of the strong model\u2019s cost saved at equal quality, in %',
    costSaved,
  ),
  metric(
    'arena',
    true,
    'RouterArena\u2019s score of accuracy and cost, at a call rate of 50 %',
    arena,
  ),
  metric(
    'opt-sel',
    true,
    'Share of queries sent to the cheapest best-scoring model, at a call rate of 50 %',
    optSel,
  ),
  metric(
    'opt-cost',
    true,
    'Cost of the oracle through cost of the router, at a call rate of 50 %',
    optCost,
  ),
  metric(
    'opt-acc',
    true,
    'Accuracy of the router through accuracy of the oracle, at a call rate of 50 %',
    optAcc,
  ),
];

/** Every metric there is. */
export const ALL_METRICS: readonly Metric[] = [...METRICS, ...COST_METRICS];

/** Metric name → value, for all metrics. Without rows every value is null. */
export function measure(rows: ScoredRows, settings: MetricSettings): Record<string, MetricValue> {
  const metrics = rows.cost === undefined ? METRICS : ALL_METRICS;
  if (rows.n === 0)
    return Object.fromEntries(
      metrics.map(({ name }) => [name, none('there are no rows with both grades')]),
    );
  const prepared = prepare(rows);
  return Object.fromEntries(
    metrics.map(({ name, compute }) => [name, compute(prepared, settings)]),
  );
}

/** [call rate, score] at 101 call rates, for drawing. */
export function curvePoints(rows: ScoredRows): readonly (readonly [number, number])[] {
  if (rows.n === 0) return [];
  const prepared = prepare(rows);
  return CALL_RATES.map((rate) => [rate, scoreAt(prepared, rate)] as const);
}

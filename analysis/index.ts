/**
 * The parts for metrics and reporters, exported as `routerxbench/analysis`: a base class and the
 * intermediate results that the built-in metrics share, the types of reports, and functions that
 * read reports.
 */
export { CALL_RATES } from './metrics/call-rates.js';
export { CurveMetric } from './metrics/curve-metric.js';
export { auroc, oneClass } from './metrics/auroc.js';
export { BINS, calibration } from './metrics/calibration.js';
export { addedCost, decideAt, strongAloneCost, strongCost, weakCost } from './metrics/decisions.js';
export { hasGap, NO_GAP } from './metrics/gap.js';
export { ascending } from './metrics/order.js';
export { none } from './metrics/types.js';
export type {
  CheckReport,
  ComparisonReport,
  PairRow,
  PairsLeaderboard,
  PairsReport,
  Report,
  ReportedFailure,
  ReportedMetric,
  ReportedSource,
  RunReport,
} from './report.js';
export type { Difference, Pairing } from './comparison/compare.js';
export type { Flip, Flips } from './comparison/flips.js';
export type { Check, GateResult, Verdict } from './comparison/verdict.js';
export type {
  Leaderboard,
  LeaderboardColumn,
  LeaderboardRobustness,
  LeaderboardRow,
  Measured,
  MetricMap,
  RouterResult,
  Routing,
  RunCall,
  Transfer,
} from '../storage/results/types.js';
export { lookUpReasons } from './leaderboard/robustness.js';
export { summarizeRun } from './run-summary.js';
export { countText } from './util/count-text.js';
export { decimals, signedDecimals } from './util/decimals.js';

/** Public API for reporters: what a report holds, and functions that read it. Named exports only. */
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
  RunRecord,
  Transfer,
} from '../storage/results/types.js';
export { lookUpReasons } from './leaderboard/robustness.js';
export { summarizeRun } from './run-summary.js';
export { decimals, signedDecimals } from './util/decimals.js';

import type { MetricSettings, MetricValue } from '../../core/contracts.js';

export type {
  Decisions,
  GradedRows,
  Metric,
  MetricCurve,
  MetricSettings,
  MetricValue,
  RowCosts,
  RowQuantity,
  ScoredRows,
} from '../../core/contracts.js';

/** The paper's bands. */
export const DEFAULT_SETTINGS: MetricSettings = {
  lowBand: [0.25, 0.3],
  recoveryBand: [0.85, 0.95],
};

/** A missing value, with the reason. */
export const none = (reason: string): MetricValue => ({ value: null, reason });

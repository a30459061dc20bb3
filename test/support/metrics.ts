import { openMetrics } from '../../pipeline/project-metrics.js';

/** All built-in metrics. */
export const METRICS = await openMetrics(undefined);

/** Their names, in the order in which they are shown. */
export const METRIC_NAMES: readonly string[] = METRICS.map(({ definition }) => definition.name);

/** Their definitions. */
export const METRIC_DEFINITIONS = METRICS.map(({ definition }) => definition);

/** Those that need costs, and those that do not. */
export const COST_METRICS = METRIC_DEFINITIONS.filter(({ needs }) => needs === 'costs');
export const PLAIN_METRICS = METRIC_DEFINITIONS.filter(({ needs }) => needs !== 'costs');

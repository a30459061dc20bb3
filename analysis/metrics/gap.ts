import type { MetricCurve } from './types.js';

/** Why metrics of the gap between the models are null where there is none. */
export const NO_GAP = 'the strong model does not score above the weak one';

/** Whether there is a gap to recover. */
export const hasGap = ({ weakMean, strongMean }: MetricCurve): boolean => strongMean > weakMean;

/**
 * What metrics are made of, exported as `routerxbench/analysis`: a base class, the intermediate
 * results that the built-in metrics share, and their types.
 */
export { CALL_RATES } from './metrics/call-rates.js';
export { CurveMetric } from './metrics/curve-metric.js';
export { auroc, oneClass } from './metrics/auroc.js';
export { BINS, fillBins, groupsWithoutConfidence } from './metrics/calibration.js';
export { addedCost, decideAt, strongCost, weakCost } from './metrics/decisions.js';
export { hasGap, NO_GAP } from './metrics/gap.js';
export { ascending } from './metrics/order.js';
export { none } from './metrics/types.js';

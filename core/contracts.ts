/**
 * What each kind of plugin promises and what it is given. Members use property syntax on purpose:
 * method syntax would let a router read a signal that it did not declare.
 */
export type * from './contracts/dataset.js';
export type * from './contracts/metric.js';
export type * from './contracts/model.js';
export type * from './contracts/model-info.js';
export type * from './contracts/reporter.js';
export type * from './contracts/router.js';
export type * from './contracts/scorer.js';

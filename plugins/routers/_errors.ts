import { defineErrors } from '../../core/index.js';

/** Errors of routers. */
export const RouterError = defineErrors({
  wrongClassCount: {
    code: 'RXB6309',
    message:
      'The classifier "{model}" has {classes} classes. A router needs two (class 1: the weak model is good enough), or a single logit.',
    fix: 'Use a classifier with two classes.',
  },
});

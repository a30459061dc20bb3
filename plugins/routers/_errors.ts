import { defineErrors } from '../../core/index.js';

/** Errors of routers. */
export const RouterError = defineErrors({
  wrongClassCount: {
    code: 'RXB6309',
    message:
      'The classifier "{model}" has {classes} classes. A router needs two (class 1: the weak model is good enough), or a single logit.',
    fix: 'Use a classifier with two classes.',
  },
  tensorflowMissing: {
    code: 'RXB6310',
    message:
      "The option `trainer: 'tensorflow'` needs a TensorFlow.js package, and none loads: {problem}",
    fix: "Run `npm install @tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm` in your project, or set `trainer: 'auto'`, which needs none.",
  },
});

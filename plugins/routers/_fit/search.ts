/** Values of options that are tried on validation rows (`search` of a router). */

/** For heads that are trained in minibatches: from upstream's learning rate to 100 times that. */
export const TRAINING_SEARCH = {
  learningRate: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
  epochs: [50, 200],
} as const;

/** The same with hidden layers. */
export const HEAD_SEARCH = {
  ...TRAINING_SEARCH,
  hidden: [[], [64], [256, 64]],
} as const;

import { defineConfig } from 'routerxbench';

/** The default run: the embedded pair and encoder on the six embedded sets. */
export default defineConfig({
  name: 'tiny',
  models: {
    weak: { use: 'onnx', options: { folder: 'models/tiny/weak' } },
    strong: { use: 'onnx', options: { folder: 'models/tiny/strong' } },
    encoder: { use: 'onnx', options: { folder: 'models/tiny/encoder' } },
  },
  datasets: {
    inDomain: ['tiny-arithmetic', 'tiny-choice4', 'tiny-instruct'],
    outOfDomain: ['tiny-math-hard', 'tiny-choice10', 'tiny-instruct-composed'],
  },
  generation: { maxTokens: 32 },
  routers: [
    ...[
      'max-logits',
      'top10-variance',
      'entropy',
      'confidence-margin',
      'logits-margin',
      'coe',
      'prompt-length',
    ],
    // the others: TensorFlow.js where a native engine loads, else our kernel
    { use: 'probe-mean', options: { trainer: 'tensorflow' } },
    ...['probe-max', 'probe-hs-last-mlp', 'probe-hs-mlp', 'probe-pca-conv'],
    ...['probe-coe-dual-mlp', 'probe-coe-r', 'probe-coe-c'],
    ...['probe-dynamic-softmax', 'probe-dynamic-dirichlet', 'probe-dirichlet-input'],
    ...['embedding-mlp', 'knn', 'svm', 'logistic', 'matrix-factorization', 'deberta'],
    { use: 'semantic-entropy', options: { maxTokens: 32 } },
    ...['self-questioning', 'p-true', 'avg-logprob', 'perplexity'],
    { use: 'llm', options: { model: 'strong' } },
  ],
});

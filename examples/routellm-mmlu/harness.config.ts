/**
 * Text routers on MMLU as RouteLLM recorded it: fitted on the STEM subjects, tested on STEM and on
 * the subjects of the other
 * three groups. No model is asked. It needs a checkout of github.com/lm-sys/RouteLLM beside this
 * file:
 *
 *   git clone https://github.com/lm-sys/RouteLLM && rxb run
 */
import { defineConfig } from 'routerxbench';

const mmlu = (group: 'stem' | 'humanities' | 'social-sciences' | 'other') => ({
  use: 'routellm-mmlu',
  as: `mmlu-${group}`,
  options: { folder: 'RouteLLM', groups: [group] },
});

export default defineConfig({
  name: 'routellm-mmlu',
  models: {
    weak: { use: 'recorded', options: { model: 'mistralai/Mixtral-8x7B-Instruct-v0.1' } },
    strong: { use: 'recorded', options: { model: 'gpt-4-1106-preview' } },
    encoder: { use: 'onnx', options: { folder: '../../models/tiny/encoder', maxPromptTokens: 64 } },
  },
  datasets: {
    inDomain: [mmlu('stem')],
    outOfDomain: (['humanities', 'social-sciences', 'other'] as const).map((group) => ({
      ...mmlu(group),
      testSplit: 'all',
    })),
  },
  routers: ['prompt-length', 'knn', 'logistic', 'svm', 'matrix-factorization', 'embedding-mlp'],
});

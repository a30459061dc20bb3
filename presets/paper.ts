/**
 * The protocol of the paper (arXiv 2602.11877): fitted on 4,000 queries each of Alpaca, Big-Math
 * and MMLU together, cut 80/20 over the
 * mix; tested on their test splits and, out of domain, on Magpie, MATH and the 14 subjects of
 * MMLU-Pro in four groups. Models and
 * routers are the user's: `extends: 'routerxbench/presets/paper'`.
 */
import type { Config } from '../core/config-schema.js';

const GROUPS = {
  STEM: ['biology', 'chemistry', 'computer-science', 'engineering', 'math', 'physics'],
  Humanities: ['history', 'philosophy'],
  'Social Sciences': ['economics', 'law', 'psychology'],
  Others: ['business', 'health', 'other'],
} as const;

const preset = {
  name: 'paper',
  datasets: {
    inDomain: [
      { use: 'alpaca-5k', as: 'alpaca' },
      { use: 'big-math-5k', as: 'big-math' },
      { use: 'mmlu', as: 'mmlu' },
    ],
    outOfDomain: [
      { use: 'magpie-5k', as: 'magpie' },
      { use: 'math', as: 'math' },
      ...Object.entries(GROUPS).flatMap(([group, subjects]) =>
        subjects.map((subject) => ({ use: `mmlu-pro-${subject}`, group })),
      ),
    ],
  },
  protocol: {
    fitRows: 4000,
    validationShare: 0.2,
    seed: 42,
    search: 1, // the options of the original
    lowBand: [0.25, 0.3],
    recoveryBand: [0.85, 0.95],
  },
} satisfies Omit<Config, 'models' | 'routers'>;

export default preset;

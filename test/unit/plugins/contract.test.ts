import {
  datasetContract,
  metricContract,
  reporterContract,
  routerContract,
  scorerContract,
  type PluginClass,
  type ReporterSuite,
  type RouterSuite,
  type ScorerSuite,
} from '../../../testing/index.js';
import { builtIns } from '../../support/built-ins.js';
import { DATASETS } from '../../support/dataset-suites.js';
import { fairReply, startJudge } from '../../support/start-judge.js';

/** Options with which fitted routers fit fast on the synthetic rows of the suite. */
const FAST = { learningRate: 0.05, epochs: 4 };
/** One number per layer separates the synthetic rows less well, and takes longer. */
const LONGER = { ...FAST, epochs: 20 };
const PROBES = [
  'mean',
  'max',
  'hs-last-mlp',
  'hs-mlp',
  'coe-dual-mlp',
  'coe-c',
  'coe-r',
  'pca-conv',
  'dynamic-softmax',
  'dynamic-dirichlet',
  'dirichlet-input',
];
const SUITES: Readonly<Record<string, RouterSuite>> = {
  ...Object.fromEntries(
    PROBES.map((name) => [`probe-${name}`, { options: name === 'coe-r' ? LONGER : FAST }]),
  ),
  'embedding-mlp': { options: { ...FAST, hidden: [16] } },
  deberta: { options: { ...FAST, epochs: 8 } },
  knn: { options: { k: 9 } },
  'matrix-factorization': { options: { ...FAST, rank: 8 } },
};

const fair = await startJudge(fairReply);
after(() => fair.close());

const SCORERS: Readonly<Record<string, ScorerSuite>> = {
  recorded: {
    answer: (text) => {
      if (text.trim() === '') return { text, recordedGrade: null };
      return { text, recordedGrade: /^(42|blue|yes|ja)$/.test(text) ? 1 : 0 };
    },
  },
  'llm-judge': { options: { mode: 'reference' }, ask: fair.ask },
  xverify: { ask: fair.ask },
  choice: {
    examples: [
      {
        row: {
          id: 'letter',
          prompt: 'Which colour has the sky?',
          reference: 'B',
          domain: 'words',
          choices: ['red', 'blue', 'green'],
        },
        right: ['B', '(B)', 'blue'],
        wrong: ['A', 'green', 'surely something else entirely'],
      },
      {
        row: {
          id: 'letters',
          prompt: 'Which are even? A) 2 B) 3 C) 4',
          reference: 'A, C',
          domain: 'numbers',
        },
        right: ['A, C', 'CA'],
        wrong: ['A', 'B'],
      },
    ],
  },
};

const REPORTERS: Readonly<Record<string, ReporterSuite>> = {
  csv: { format: 'csv' },
  json: { format: 'json' },
  junit: { format: 'xml' },
};

const registry = await builtIns();

describe('built-in plugins', () => {
  for (const { mark, plugin } of registry.list('router'))
    routerContract(plugin as PluginClass, SUITES[mark.definition.name]);
  for (const { mark, plugin } of registry.list('dataset'))
    datasetContract(
      plugin as PluginClass,
      DATASETS[mark.definition.name] ?? {
        scorer: registry.find('scorer', [mark.definition.scorer].flat()[0] as string)
          .plugin as PluginClass,
      },
    );
  for (const { plugin } of registry.list('metric')) metricContract(plugin as PluginClass);
  for (const { mark, plugin } of registry.list('scorer'))
    scorerContract(plugin as PluginClass, SCORERS[mark.definition.name]);
  for (const { mark, plugin } of registry.list('reporter'))
    reporterContract(plugin as PluginClass, REPORTERS[mark.definition.name]);
});

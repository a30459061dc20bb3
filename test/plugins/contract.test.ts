import { discover } from '../../core/discover.js';
import { Registry } from '../../core/registry.js';
import { datasetContract, routerContract, scorerContract, type RouterSuite } from '../contract/index.js';

/** Options with which fitted routers fit fast on the made-up rows of the suite. */
const FAST = { learningRate: 0.05, epochs: 4 };
/** One number a layer tells the made-up rows apart less well, and takes longer. */
const LONGER = { ...FAST, epochs: 20 };
const PROBES = ['mean', 'max', 'hs-last-mlp', 'hs-mlp', 'coe-dual-mlp', 'coe-c', 'coe-r', 'pca-conv', 'dynamic-softmax', 'dynamic-dirichlet', 'dirichlet-input'];
const SUITES: Readonly<Record<string, RouterSuite>> = {
  ...Object.fromEntries(PROBES.map((name) => [`probe-${name}`, { options: name === 'coe-r' ? LONGER : FAST }])),
  'embedding-mlp': { options: { ...FAST, hidden: [16] } },
  knn: { options: { k: 9 } },
  'matrix-factorization': { options: { ...FAST, rank: 8 } },
};

const registry = new Registry(await discover('.', []));

describe('built-in plugins', () => {
  for (const { mark, plugin } of registry.list('router')) routerContract(plugin, SUITES[mark.definition.name]);
  for (const { mark, plugin } of registry.list('dataset')) datasetContract(plugin, { scorer: registry.find('scorer', mark.definition.scorer).plugin });
  for (const { plugin } of registry.list('scorer')) scorerContract(plugin);
});

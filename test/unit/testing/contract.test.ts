import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Exact } from '../../../plugins/scorers/exact.js';
import {
  checkDataset,
  datasetContent,
  checkMetric,
  checkModel,
  checkReporter,
  checkRouter,
  checkScorer,
  datasetRules,
  metricRules,
  modelRules,
  reporterRules,
  routerContract,
  routerRules,
  scorerRules,
  type PluginClass,
  type Runner,
  type Violation,
} from '../../../testing/index.js';
import { BROKEN_DATASETS, GoodDataset } from '../../support/broken-plugins/datasets.js';
import { BROKEN_METRICS, GoodMetric, GoodWalk } from '../../support/broken-plugins/metrics.js';
import { BROKEN_MODELS, GoodModel } from '../../support/broken-plugins/models.js';
import { BROKEN_REPORTERS, GoodReporter } from '../../support/broken-plugins/reporters.js';
import {
  BROKEN_ROUTERS,
  GoodFittedRouter,
  GoodRouter,
} from '../../support/broken-plugins/routers.js';
import { BROKEN_SCORERS, GoodScorer } from '../../support/broken-plugins/scorers.js';

interface Suite {
  readonly kind: string;
  readonly rules: readonly { readonly name: string }[];
  readonly good: readonly PluginClass[];
  readonly broken: Readonly<Record<string, PluginClass>>;
  readonly check: (plugin: PluginClass) => Promise<readonly Violation[]>;
}

const GOOD_CONTENT = await datasetContent(GoodDataset, 'test');

const SUITES: readonly Suite[] = [
  {
    kind: 'router',
    rules: routerRules,
    good: [GoodRouter, GoodFittedRouter],
    broken: BROKEN_ROUTERS,
    check: checkRouter,
  },
  {
    kind: 'dataset',
    rules: datasetRules,
    good: [GoodDataset],
    broken: BROKEN_DATASETS,
    check: (plugin) =>
      checkDataset(plugin, {
        scorer: Exact,
        pinned: { version: 1, content: { test: GOOD_CONTENT } },
      }),
  },
  {
    kind: 'scorer',
    rules: scorerRules,
    good: [GoodScorer],
    broken: BROKEN_SCORERS,
    check: checkScorer,
  },
  {
    kind: 'reporter',
    rules: reporterRules,
    good: [GoodReporter],
    broken: BROKEN_REPORTERS,
    check: (plugin) => checkReporter(plugin, { format: 'json' }),
  },
  {
    kind: 'metric',
    rules: metricRules,
    good: [GoodMetric, GoodWalk],
    broken: BROKEN_METRICS,
    check: checkMetric,
  },
  { kind: 'model', rules: modelRules, good: [GoodModel], broken: BROKEN_MODELS, check: checkModel },
];

for (const { kind, rules, good, broken, check } of SUITES) {
  describe(`the contract of ${kind} plugins`, () => {
    it('finds nothing wrong with plugins that keep it', async () => {
      for (const plugin of good) expect(await check(plugin)).to.deep.equal([]);
    });

    it('has a broken plugin for each of its rules', () => {
      expect(Object.keys(broken).sort()).to.deep.equal(rules.map(({ name }) => name).sort());
    });

    for (const [rule, plugin] of Object.entries(broken)) {
      it(`catches a plugin that breaks "${rule}"`, async () => {
        const found = await check(plugin);
        expect([...new Set(found.map((violation) => violation.rule))]).to.include(rule);
      });
    }
  });
}

describe('a contract suite in a test runner', () => {
  const collected = async (
    plugin: PluginClass,
  ): Promise<readonly (readonly [string, boolean])[]> => {
    const tests: (readonly [string, () => Promise<void>])[] = [];
    const runner: Runner = {
      describe: (_title, body) => body(),
      it: (title, body) => tests.push([title, body]),
    };
    routerContract(plugin, {}, runner);
    const outcomes: (readonly [string, boolean])[] = [];
    for (const [title, body] of tests) {
      const passed = await body().then(
        () => true,
        () => false,
      );
      outcomes.push([title, passed]);
    }
    return outcomes;
  };

  it('registers a test a rule, all green for a good plugin', async () => {
    const outcomes = await collected(GoodFittedRouter);
    expect(outcomes).to.have.length(routerRules.length);
    expect(outcomes.filter(([, passed]) => !passed)).to.deep.equal([]);
  });

  it('leaves out the rules about fitting for a router that does not fit', async () => {
    expect((await collected(GoodRouter)).length).to.be.lessThan(routerRules.length);
  });

  it('turns red for a broken plugin', async () => {
    expect(
      (await collected(BROKEN_ROUTERS['pure'] as PluginClass)).some(([, passed]) => !passed),
    ).to.equal(true);
  });

  it('needs no test runner to be loaded', async () => {
    const folder = join(import.meta.dirname, '..', '..', '..', 'testing');
    const sources = (await readdir(folder)).filter((file) => file.endsWith('.js'));
    expect(sources).to.include('index.js');
    for (const file of sources) {
      const imported = [
        ...(await readFile(join(folder, file), 'utf8')).matchAll(
          /^(?:import|export)[^;]*?from '([^']+)'/gm,
        ),
      ].map(([, from]) => from as string);
      for (const from of imported)
        expect(from, file).to.match(/^(node:|zod$|\.\/|\.\.\/(core|sandbox|storage|analysis)\/)/);
    }
  });
});

import { expect } from 'chai';
import type { Router, Tensor, Weights } from '../../../../core/index.js';
import { ProbeCoeC } from '../../../../plugins/routers/probe-coe-c.js';
import { ProbeCoeDualMlp } from '../../../../plugins/routers/probe-coe-dual-mlp.js';
import { ProbeCoeR } from '../../../../plugins/routers/probe-coe-r.js';
import { ProbeDirichletInput } from '../../../../plugins/routers/probe-dirichlet-input.js';
import { ProbeDynamicDirichlet } from '../../../../plugins/routers/probe-dynamic-dirichlet.js';
import { ProbeDynamicSoftmax } from '../../../../plugins/routers/probe-dynamic-softmax.js';
import { ProbeHsLastMlp } from '../../../../plugins/routers/probe-hs-last-mlp.js';
import { ProbeHsMlp } from '../../../../plugins/routers/probe-hs-mlp.js';
import { ProbeMax } from '../../../../plugins/routers/probe-max.js';
import { ProbeMean } from '../../../../plugins/routers/probe-mean.js';
import { ProbePcaConv } from '../../../../plugins/routers/probe-pca-conv.js';
import { golden, sigmoid } from '../../../support/golden.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import {
  accuracy,
  data,
  fit,
  input,
  rows,
  context,
  type Signals,
} from '../../../support/hidden-rows.js';
import { fitInPieces } from '../../../support/checkpoint.js';

type Nested = number | readonly Nested[];
interface Golden {
  readonly hidden: readonly (readonly (readonly number[])[])[];
  readonly cases: readonly {
    readonly probeType: string;
    readonly weights: Readonly<Record<string, Nested>>;
    readonly normalizer: { readonly mu: readonly number[]; readonly std: readonly number[] } | null;
    readonly scores: readonly number[];
    readonly layerWeights?: readonly number[];
    readonly uncertainty?: readonly number[];
  }[];
}

type ProbeClass = new (...args: never[]) => unknown;
const probe = (plugin: ProbeClass, options: object = {}): Router<Signals> =>
  createInstance('router', plugin, options) as unknown as Router<Signals>;

const ALL: readonly (readonly [string, ProbeClass, object])[] = [
  ['probe-mean', ProbeMean, {}],
  ['probe-max', ProbeMax, { hidden: [6] }],
  ['probe-hs-last-mlp', ProbeHsLastMlp, { hidden: [6] }],
  ['probe-hs-mlp', ProbeHsMlp, {}],
  ['probe-coe-dual-mlp', ProbeCoeDualMlp, {}],
  ['probe-coe-c', ProbeCoeC, {}],
  ['probe-coe-r', ProbeCoeR, {}],
  ['probe-pca-conv', ProbePcaConv, { filters: 5 }],
  ['probe-dynamic-softmax', ProbeDynamicSoftmax, {}],
  ['probe-dynamic-dirichlet', ProbeDynamicDirichlet, {}],
  ['probe-dirichlet-input', ProbeDirichletInput, {}],
];
const FAST = { learningRate: 0.05, epochs: 6 };

const tensor = (value: Nested): Tensor => {
  const shape: number[] = [];
  for (let at: Nested | undefined = value; Array.isArray(at); at = (at as readonly Nested[])[0])
    shape.push((at as readonly Nested[]).length);
  const flat = ([value].flat(9) as number[]).map(Number);
  return { shape: shape.length === 0 ? [1] : shape, data: Float32Array.from(flat) };
};

/** Upstream's shape is [filters, dim, 3], ours [filters, 3, dim]. */
function withLayersFirst({ shape, data }: Tensor): Tensor {
  const [filters, dim, taps] = shape as [number, number, number];
  const transposed = Float32Array.from(data, (_, i) => {
    const filter = Math.floor(i / (taps * dim));
    return data[filter * taps * dim + (i % dim) * taps + (Math.floor(i / dim) % taps)] as number;
  });
  return { shape: [filters, taps, dim], data: transposed };
}

/** Upstream's state dictionary as our tensors. */
function buildWeights({ probeType, weights, normalizer }: Golden['cases'][number]): Weights {
  const named = Object.fromEntries(
    Object.entries(weights).map(([name, value]) => [name, tensor(value)]),
  );
  const take = (names: Readonly<Record<string, string>>): Weights => ({
    tensors: Object.fromEntries(
      Object.entries(names).map(([own, theirs]) => [own, named[theirs] as Tensor]),
    ),
    meta: {},
  });
  if (probeType === 'dynamic_softmax')
    return take({
      'classifier.weight': 'classifier.weight',
      'classifier.bias': 'classifier.bias',
      'layers.logits': 'layer_weights',
    });
  if (probeType === 'dynamic_dirichlet') {
    return take({
      'classifier.weight': 'classifier.weight',
      'classifier.bias': 'classifier.bias',
      'layers.logits': 'concentration_logits',
      'layers.logConcentration': 'global_concentration',
    });
  }
  if (probeType === 'pca_conv') {
    const { tensors } = take({
      'conv.weight': 'conv.weight',
      'conv.bias': 'conv.bias',
      'fc.weight': 'fc.weight',
      'fc.bias': 'fc.bias',
    });
    const filters = withLayersFirst(tensors['conv.weight'] as Tensor);
    return { tensors: { ...tensors, 'conv.weight': filters }, meta: {} };
  }
  const layers = Object.keys(weights).filter((name) => name.endsWith('weight'));
  const { tensors } = take(
    Object.fromEntries(
      layers.flatMap((name, i) => [
        [`layer${i}.weight`, name],
        [`layer${i}.bias`, name.replace('weight', 'bias')],
      ]),
    ),
  );
  return {
    tensors: {
      ...tensors,
      ...(normalizer === null
        ? {}
        : { 'standard.mean': tensor(normalizer.mu), 'standard.spread': tensor(normalizer.std) }),
    },
    meta: {},
  };
}

const UPSTREAM: Readonly<Record<string, readonly [ProbeClass, object]>> = {
  mean: [ProbeMean, {}],
  max: [ProbeMax, {}],
  hs_last_mlp: [ProbeHsLastMlp, {}],
  coe_dual_mlp: [ProbeCoeDualMlp, { features: 'upstream' }],
  pca_conv: [ProbePcaConv, {}],
  dynamic_softmax: [ProbeDynamicSoftmax, {}],
  dynamic_dirichlet: [ProbeDynamicDirichlet, {}],
};

describe('forward passes compared with upstream', () => {
  it('agree to 1e-5 after the sigmoid in all nine cases', async () => {
    const { hidden, cases } = await golden<Golden>('probes.json');
    expect(cases).to.have.length(9);
    for (const one of cases) {
      const [plugin, options] = UPSTREAM[one.probeType] as readonly [ProbeClass, object];
      const router = probe(plugin, options);
      await router.restore?.(buildWeights(one));
      hidden.forEach((states, i) =>
        expect(
          sigmoid(router.score?.(input(states.length, 8, states.flat())) as number),
          one.probeType,
        ).to.be.closeTo(one.scores[i] as number, 1e-5),
      );
    }
  });

  it('score one layer as the last-layer probe scores the last layer', async () => {
    const { hidden, cases } = await golden<Golden>('probes.json');
    for (const one of cases.filter(({ probeType }) => probeType === 'hs_last_mlp')) {
      const router = probe(ProbeHsMlp);
      await router.restore?.({ ...buildWeights(one), meta: { layer: 4 } });
      hidden.forEach((states, i) =>
        expect(sigmoid(router.score?.(input(5, 8, states.flat())) as number)).to.be.closeTo(
          one.scores[i] as number,
          1e-5,
        ),
      );
    }
  });
});

describe('fitted probes', () => {
  for (const [name, plugin, own] of ALL) {
    it(`${name}: ends with the same weights when stopped after every epoch and resumed`, async () => {
      const options = { ...own, ...FAST };
      const whole = await fit(probe(plugin, options));
      expect(await fitInPieces((over) => fit(probe(plugin, options), {}, over))).to.deep.equal(
        whole,
      );
    });

    it(`${name}: also learns when streamed in windows because of little memory`, async () => {
      const router = probe(plugin, { ...own, ...FAST, epochs: 20, memory: 0.01 });
      const shape = { layers: 5, telling: [1, 2, 3] };
      const kept = await fit(router, shape);
      await router.restore?.(kept);
      const held = probe(plugin, { ...own, ...FAST, epochs: 20 });
      await held.restore?.(await fit(held, shape));
      expect(accuracy(router, shape)).to.be.greaterThan(accuracy(held, shape) - 0.1);
      const again = await router.fit?.(
        data(rows(300, 1, shape), 7),
        data(rows(100, 2, shape), 7),
        context(),
      );
      expect(again, 'whatever the blocks').to.deep.equal(kept);
    });
  }

  it('stores layer weights and concentration if it has any, and finds the informative layers', async () => {
    const shape = { layers: 6, dim: 8, telling: [4] };
    for (const plugin of [ProbeDynamicSoftmax, ProbeDynamicDirichlet, ProbeDirichletInput]) {
      const router = probe(plugin, { learningRate: 0.05, epochs: 30 });
      const { meta, tensors } = await fit(router, shape);
      await router.restore?.({ meta, tensors });
      const weights = meta['layerWeights'] as readonly number[];
      expect(weights.reduce((a, b) => a + b, 0)).to.be.closeTo(1, 1e-6);
      expect(weights.indexOf(Math.max(...weights)), plugin.name).to.equal(4);
      expect(accuracy(router, shape)).to.be.greaterThan(0.85);
      if (plugin === ProbeDynamicSoftmax) expect(meta).not.to.have.property('concentration');
      else
        expect(meta['uncertainty']).to.be.closeTo(
          -Math.log(meta['concentration'] as number),
          1e-12,
        );
    }
  });

  it('fails when the loss is not finite', async () => {
    const wild = rows(60, 1).map((row) => ({
      ...row,
      signals: {
        hiddenStates: {
          ...row.signals.hiddenStates,
          values: row.signals.hiddenStates.values.map((x) => x * 1e39),
        },
      },
    }));
    const failed = await rejection(
      probe(ProbeDynamicSoftmax, FAST).fit?.(data(wild), data(wild), context()) as Promise<Weights>,
    );
    expect(failed).to.have.property('code', 'RXB6005');
  });
});

describe('probe-hs-mlp', () => {
  it('finds the informative layer, and reports the loss of each layer', async () => {
    const router = probe(ProbeHsMlp, FAST);
    const shape = { layers: 5, telling: [3] };
    const weights = await fit(router, shape);
    expect(weights.meta['layer']).to.equal(3);
    expect(Object.keys(weights.meta['layerLosses'] as object)).to.deep.equal([
      '0',
      '1',
      '2',
      '3',
      '4',
    ]);
    await router.restore?.(weights);
    expect(accuracy(router, shape)).to.be.greaterThan(0.9);
  });

  it('uses the given layer, and rejects one that does not exist', async () => {
    expect((await fit(probe(ProbeHsMlp, { ...FAST, layer: 1 }))).meta['layer']).to.equal(1);
    expect(await rejection(fit(probe(ProbeHsMlp, { ...FAST, layer: 3 })))).to.have.property(
      'code',
      'RXB2105',
    );
  });
});

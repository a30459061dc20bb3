import { expect } from 'chai';
import { loadEngine } from '../../../../../plugins/routers/_fit/engine.js';
import { seededRandom, type FitData, type FitRow } from '../../../../../core/index.js';
import { Dense } from '../../../../../plugins/routers/_fit/dense.js';
import { LayerConvolution } from '../../../../../plugins/routers/_fit/conv.js';
import { WorkerPool } from '../../../../../plugins/routers/_fit/kernel/worker-pool.js';
import { withKernel, type Kernel } from '../../../../../plugins/routers/_fit/kernel/kernel.js';
import { Layered } from '../../../../../plugins/routers/_fit/layered.js';
import { newLayers } from '../../../../../plugins/routers/_fit/layers.js';
import {
  dirichletMixing,
  inputDirichletMixing,
  softmax,
  softmaxMixing,
  softplus,
  type Mixing,
} from '../../../../../plugins/routers/_fit/mixing.js';
import { Rows, type Vectors, type Window } from '../../../../../plugins/routers/_fit/rows.js';
import { TensorFlowDense } from '../../../../../plugins/routers/_fit/tensorflow-dense.js';
import type { Trainable } from '../../../../../plugins/routers/_fit/trainable.js';

const [COUNT, LAYERS, DIM] = [9, 5, 19];
const LANE_THREAD = new URL(
  '../../../../../plugins/routers/_fit/partition-thread.js',
  import.meta.url,
);
const BATCH = Int32Array.from([7, 2, 5, 0, 8, 1, 3]);
/** Small, so that few units cross zero; 24-bit floats allow no smaller step. */
const STEP = 1e-3;
const TOLERANCE = 5e-3;

async function window(kernel: Kernel): Promise<Window> {
  const random = seededRandom('rows');
  const rows = Array.from({ length: COUNT }, (_, i): FitRow<Vectors> => ({
    query: { text: '' },
    label: i % 2 === 0 ? 1 : 0,
    signals: {
      layers: LAYERS,
      dim: DIM,
      values: Float32Array.from({ length: LAYERS * DIM }, () => random.normal()),
    },
  }));
  const data: FitData<Vectors> = {
    rows: COUNT,
    async *blocks() {
      yield await Promise.resolve(rows);
    },
  };
  const opened = await Rows.open(kernel, data, ({ signals }) => signals, {
    allRows: COUNT,
    memory: 64,
  });
  for await (const held of opened.windows()) return held;
  throw new Error('no window');
}

/**
 * Largest difference between the gradient and central differences of the mean loss, over the
 * largest difference quotient.
 */
async function gap(
  make: (kernel: Kernel) => Trainable,
  skip: readonly string[] = [],
): Promise<number> {
  return await withKernel(async (kernel) => {
    const rows = await window(kernel);
    const model = make(kernel);
    // the same random numbers every time
    const loss = (): number => model.learn(rows, BATCH, seededRandom('chance')) / BATCH.length;
    loss();
    const gradient = model.parameters.tensors(
      Float32Array.from(model.parameters.getAll('gradient')),
    );
    let [worst, largest] = [0, 0];
    for (const [name, { data }] of Object.entries(
      model.parameters.tensors(model.parameters.getAll('values')),
    )) {
      if (skip.includes(name)) continue;
      for (let i = 0; i < data.length; i++) {
        const moved = (by: number): number => {
          model.parameters.set(
            name,
            data.map((value, j) => (j === i ? value + by : value)),
          );
          return loss();
        };
        const quotient = (moved(STEP) - moved(-STEP)) / (2 * STEP);
        model.parameters.set(name, data);
        worst = Math.max(worst, Math.abs(quotient - (gradient[name]?.data[i] as number)));
        largest = Math.max(largest, Math.abs(quotient));
      }
    }
    return worst / largest;
  });
}

const layered =
  (mixing: Mixing) =>
  (kernel: Kernel): Trainable =>
    new Layered(
      kernel,
      mixing,
      { layers: LAYERS, dim: DIM, batchSize: BATCH.length },
      seededRandom('start'),
      new WorkerPool(kernel, LANE_THREAD, 1),
    );

describe('gradients compared with finite differences', () => {
  for (const hidden of [[], [6], [7, 5]]) {
    for (const dropout of [0, 0.3]) {
      it(`of a head with hidden layers [${hidden.join(', ')}] and dropout ${dropout}`, async () => {
        const make = (kernel: Kernel): Trainable =>
          new Dense(kernel, newLayers([DIM, ...hidden, 1], seededRandom('start')), {
            dropout,
            batchSize: 32,
            layer: 2,
          });
        expect(await gap(make)).to.be.below(TOLERANCE);
        const { tf } = await loadEngine();
        const byTensorFlow = (kernel: Kernel): Trainable =>
          new TensorFlowDense(tf, kernel, newLayers([DIM, ...hidden, 1], seededRandom('start')), {
            dropout,
            layer: 2,
          });
        expect(await gap(byTensorFlow)).to.be.below(TOLERANCE);
      });
    }
  }

  it('of a head with GELU', async () => {
    const settings = { dropout: 0.3, batchSize: 32, layer: 2, activation: 'gelu' } as const;
    const start = newLayers([DIM, 6, 4, 1], seededRandom('start'));
    expect(await gap((kernel) => new Dense(kernel, start, settings))).to.be.below(TOLERANCE);
    const { tf } = await loadEngine();
    expect(await gap((kernel) => new TensorFlowDense(tf, kernel, start, settings))).to.be.below(
      TOLERANCE,
    );
  });

  it('of the convolution over layers', async () => {
    expect(
      await gap((kernel) => new LayerConvolution(kernel, LAYERS, DIM, 5, seededRandom('s2'))),
    ).to.be.below(TOLERANCE);
  });

  it('of a softmax mixture', async () => {
    expect(await gap(layered(softmaxMixing))).to.be.below(TOLERANCE);
  });

  it('of the classifier of a Dirichlet mixture, with fixed sampled weights', async () => {
    expect(
      await gap(layered(dirichletMixing), ['layers.logits', 'layers.logConcentration']),
    ).to.be.below(TOLERANCE);
    expect(await gap(layered(inputDirichletMixing), ['gate.weight', 'gate.bias'])).to.be.below(
      TOLERANCE,
    );
  });
});

/** Parameters as plain rows, with an accumulated gradient. */
const plain = (values: Readonly<Record<string, readonly number[]>>) => {
  const gradient = Object.fromEntries(
    Object.entries(values).map(([name, row]) => [name, new Float32Array(row.length)]),
  );
  return {
    gradient,
    row: (name: string) => Float32Array.from(values[name] ?? []),
    gradientRow: (name: string) => gradient[name] as Float32Array,
  };
};

describe('gradients through Dirichlet samples, on average over many', () => {
  // the expectation of g · α is g · E[α], so its gradient is known
  const g = Float64Array.from([1, -2, 0.5]);
  const DRAWS = 60_000;

  it('of the global mixture: those of softmax for the logits, zero for the concentration', () => {
    const logits = [0.3, -0.4, 0.1];
    const parameters = plain({ 'layers.logits': logits, 'layers.logConcentration': [0.7] });
    const random = seededRandom('draws');
    const mixer = dirichletMixing.mixer(parameters, 3);
    for (let i = 0; i < DRAWS; i++) {
      mixer.mix(new Float64Array(3), random);
      mixer.back(g);
    }
    mixer.finish();
    const mean = softmax(logits);
    const middle = mean.reduce((sum, weight, i) => sum + weight * (g[i] as number), 0);
    mean.forEach((weight, i) =>
      expect((parameters.gradient['layers.logits']?.[i] as number) / DRAWS).to.be.closeTo(
        weight * ((g[i] as number) - middle),
        0.02,
      ),
    );
    expect((parameters.gradient['layers.logConcentration']?.[0] as number) / DRAWS).to.be.closeTo(
      0,
      0.02,
    );
  });

  it("of the query's own mixture: those of the expected weights", () => {
    const [bias, scores] = [[0.2, -0.6, 0.4], Float64Array.from([0.5, 0.1, -0.9])];
    const parameters = plain({ 'gate.bias': bias });
    const random = seededRandom('draws');
    const back = new Float64Array(3);
    const mixer = inputDirichletMixing.mixer(parameters, 3);
    for (let i = 0; i < DRAWS; i++) {
      mixer.mix(scores, random);
      mixer.back(g)?.forEach((slope, l) => (back[l] = (back[l] as number) + slope / DRAWS));
    }
    mixer.finish();
    const expected = (shift: readonly number[]): number => {
      const beta = bias.map((one, l) =>
        softplus(one + (scores[l] as number) + (shift[l] as number)),
      );
      const total = beta.reduce((a, b) => a + b, 0);
      return beta.reduce((sum, one, l) => sum + (one / total) * (g[l] as number), 0);
    };
    bias.forEach((_, l) => {
      const by = (size: number): number =>
        expected([0, 0, 0].map((zero, j) => (j === l ? size : zero)));
      const wanted = (by(1e-5) - by(-1e-5)) / 2e-5;
      expect(back[l]).to.be.closeTo(wanted, 0.02);
      expect((parameters.gradient['gate.bias']?.[l] as number) / DRAWS).to.be.closeTo(wanted, 0.02);
    });
  });
});

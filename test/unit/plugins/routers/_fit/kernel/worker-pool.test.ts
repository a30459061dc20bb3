import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { seededRandom, type FitData, type FitRow } from '../../../../../../core/index.js';
import { WorkerPool } from '../../../../../../plugins/routers/_fit/kernel/worker-pool.js';
import { withKernel } from '../../../../../../plugins/routers/_fit/kernel/kernel.js';
import { Layered } from '../../../../../../plugins/routers/_fit/layered.js';
import {
  dirichletMixing,
  inputDirichletMixing,
  softmaxMixing,
  type Mixing,
} from '../../../../../../plugins/routers/_fit/mixing.js';
import { Rows, type Vectors } from '../../../../../../plugins/routers/_fit/rows.js';

const [COUNT, LAYERS, DIM] = [64, 5, 200];
const LANE_THREAD = new URL(
  '../../../../../../plugins/routers/_fit/partition-thread.js',
  import.meta.url,
);

const data: FitData<Vectors> = {
  rows: COUNT,
  async *blocks() {
    const random = seededRandom('rows');
    const row = (i: number): FitRow<Vectors> => ({
      query: { text: '' },
      label: i % 2 === 0 ? 1 : 0,
      signals: {
        layers: LAYERS,
        dim: DIM,
        values: Float32Array.from({ length: LAYERS * DIM }, () => random.normal()),
      },
    });
    yield await Promise.resolve(Array.from({ length: COUNT }, (_, i) => row(i)));
  },
};

interface Outcome {
  readonly values: Float32Array;
  readonly losses: readonly number[];
  readonly helped: number;
}

/**
 * Some steps of training with this many cores; with more than one, continues until another thread
 * has computed partitions, and then starts again.
 */
async function outcome(mixing: Mixing, cores: number): Promise<Outcome> {
  return await withKernel(async (kernel) => {
    const pool = new WorkerPool(kernel, LANE_THREAD, cores, 0);
    try {
      const rows = await Rows.open(
        kernel,
        data,
        ({ signals }) => signals,
        { allRows: COUNT, memory: 64 },
        pool,
      );
      const model = new Layered(
        kernel,
        mixing,
        { layers: LAYERS, dim: DIM, batchSize: COUNT },
        seededRandom('start'),
        pool,
      );
      for await (const window of rows.windows()) {
        for (let i = 0; cores > 1 && pool.helped === 0 && i < 1000; i++) {
          model.measure(window);
          await setTimeout(5);
        }
        const random = seededRandom('chance');
        const losses: number[] = [];
        for (let step = 1; step <= 200; step++) {
          const batch = Int32Array.from({ length: step % 2 === 0 ? 32 : 7 }, () =>
            random.int(0, COUNT - 1),
          );
          losses.push(model.learn(window, batch, random));
          model.parameters.step(0.01, step);
        }
        losses.push(model.measure(window));
        return {
          values: Float32Array.from(model.parameters.getAll('values')),
          losses,
          helped: pool.helped,
        };
      }
      throw new Error('no window');
    } finally {
      await pool.close();
    }
  });
}

describe('a pool of threads for one fit', () => {
  for (const mixing of [softmaxMixing, dirichletMixing, inputDirichletMixing]) {
    it(`${mixing.name}: helps, and ends with the same bytes as one thread`, async () => {
      const [alone, three] = [await outcome(mixing, 1), await outcome(mixing, 3)];
      expect(alone.helped).to.equal(0);
      expect(three.helped).to.be.greaterThan(0);
      expect(three.values).to.deep.equal(alone.values);
      expect(three.losses).to.deep.equal(alone.losses);
    });
  }

  it('reports what a thread threw instead of waiting for it', async () => {
    await withKernel(async (kernel) => {
      const pool = new WorkerPool(kernel, LANE_THREAD, 2, 0);
      try {
        const address = kernel.allocate(64);
        pool.touch(address, address + 256);
        pool.assign({ mixing: 'no such mixing' });
        const failed = async (): Promise<void> => {
          for (let i = 0; i < 1000; i++) {
            pool.run(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1));
            await setTimeout(5);
          }
        };
        const error = await failed().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).to.be.instanceOf(Error);
      } finally {
        await pool.close();
      }
    });
  });
});

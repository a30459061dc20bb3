import { expect } from 'chai';
import type { Model } from '../../../../../core/index.js';
import { Onnx } from '../../../../../plugins/models/onnx.js';
import { OpenAi } from '../../../../../plugins/models/openai.js';
import { createInstance } from '../../../../support/instance.js';
import {
  ALL,
  apart,
  DIM,
  engine,
  layer,
  LAYERS,
  QUERIES,
  readStates,
  WEAK,
  withStates,
} from './states-bench.js';

describe('hidden states of a vLLM server', () => {
  let here: readonly Float32Array[];
  let raw: readonly Float32Array[];
  before(async () => {
    const local = createInstance('model', Onnx, { folder: WEAK }) as Model;
    here = await readStates(local);
    raw = await readStates(
      local,
      QUERIES.map((text) => ({ form: 'raw', text })),
    );
    await local.close?.();
  });

  it('equal those of the model in this process, layer by layer, and their files are removed', async () => {
    await withStates({}, {}, async ({ model, left }) => {
      const there = await readStates(model);
      here.forEach((states, query) =>
        ALL.slice(0, -1).forEach((at) =>
          expect(
            apart(layer(states, at), layer(there[query] as Float32Array, at)),
            `query ${query}, layer ${at}`,
          ).to.be.below(1e-5),
        ),
      );
      const bare = await readStates(
        model,
        QUERIES.map((text) => ({ form: 'raw', text })),
      );
      raw.forEach((states, query) =>
        expect(apart(layer(states, 3), layer(bare[query] as Float32Array, 3))).to.be.below(1e-5),
      );
      await model.close?.();
      expect(await left()).to.deep.equal([]);
    });
  });

  it('lack the norm of the last layer, as the model info says: applied to each token, it makes them equal', async () => {
    await withStates({}, {}, async ({ model }) => {
      expect((await model.info()).hiddenStates).to.deep.equal({
        indices: ALL,
        dim: DIM,
        unnormalised: [LAYERS],
      });
      const there = await readStates(model);
      const means = await Promise.all(
        QUERIES.map(async (content) => {
          const { values: all, shape } = (await engine.hiddenStates?.({
            form: 'chat',
            messages: [{ role: 'user', content }],
            continueLast: false,
          })) ?? { values: new Float32Array(), shape: [0, 0, 0] };
          const mean = new Float64Array(DIM);
          const bare = new Float64Array(DIM);
          for (let token = 0; token < shape[0]; token++) {
            const from = (token * (LAYERS + 1) + LAYERS) * DIM;
            const model = Float64Array.from(all.subarray(from, from + DIM));
            const centre = model.reduce((sum, value) => sum + value, 0) / DIM;
            const scale = Math.sqrt(
              model.reduce((sum, value) => sum + (value - centre) ** 2, 0) / DIM + 1e-5,
            );
            model.forEach((value, i) => {
              mean[i] = (mean[i] as number) + (value - centre) / scale / shape[0];
              bare[i] = (bare[i] as number) + value / shape[0];
            });
          }
          return { normed: mean, bare };
        }),
      );
      const weight = Array.from(
        layer(here[0] as Float32Array, LAYERS),
        (value, i) => value / (means[0]?.normed[i] as number),
      );
      means.forEach(({ normed, bare }, query) => {
        const last = layer(there[query] as Float32Array, LAYERS);
        expect(apart(Float32Array.from(bare), last)).to.be.below(1e-4);
        const wanted = layer(here[query] as Float32Array, LAYERS);
        expect(apart(wanted, last), 'without the norm they differ').to.be.greaterThan(0.1);
        expect(
          apart(
            wanted,
            Float32Array.from(normed, (value, i) => value * (weight[i] as number)),
          ),
        ).to.be.below(1e-3);
      });
    });
  });

  it('are rejected for impossible options: layers beyond the last, in descending order, none', () => {
    for (const wrong of [
      { layers: [5] },
      { layers: [2, 1] },
      { layers: [] },
      { depth: 0 },
      { folder: '' },
    ]) {
      expect(
        () =>
          createInstance('model', OpenAi, {
            model: 'm',
            hiddenStates: { folder: 'f', depth: LAYERS, dim: DIM, ...wrong },
          }),
        JSON.stringify(wrong),
      ).to.throw(/RXB2105/);
    }
  });
});

import { expect } from 'chai';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../../../../core/index.js';
import { Onnx } from '../../../../../plugins/models/onnx.js';
import { OpenAi } from '../../../../../plugins/models/openai.js';
import { modelContract } from '../../../../../testing/index.js';
import { rejection } from '../../../../support/temporary.js';
import type { FileFault } from '../../../../support/openai-server/hidden-states.js';
import { startServer } from '../../../../support/openai-server/server.js';
import { createInstance } from '../../../../support/instance.js';
import {
  ALL,
  apart,
  chat,
  context,
  DIM,
  engine,
  layer,
  LAYERS,
  QUERIES,
  root,
  readStates,
  WEAK,
  withStates,
} from './states-bench.js';

const shared = join(root, 'shared');
const always = await startServer({ engine, hiddenStates: { folder: shared, layers: ALL } });
after(async () => await always.close());

modelContract(OpenAi, {
  options: {
    model: 'weak',
    baseUrl: always.url,
    choices: 'none',
    hiddenStates: { folder: shared, depth: LAYERS, dim: DIM },
  },
  queries: QUERIES,
  tolerance: 1e-4,
});

describe('hidden states of a vLLM server', () => {
  let here: readonly Float32Array[];
  before(async () => {
    const local = createInstance('model', Onnx, { folder: WEAK }) as Model;
    here = await readStates(local);
    await local.close?.();
  });

  it('may be only some of the layers, in half precision', async () => {
    for (const [type, tolerance] of [
      ['BF16', 0.04],
      ['F16', 0.005],
    ] as const) {
      await withStates({ layers: [1, 3], type }, {}, async ({ model, folder }) => {
        const some = createInstance('model', OpenAi, {
          model: 'weak',
          baseUrl: 'http://127.0.0.1:9/v1',
          hiddenStates: { folder, depth: LAYERS, dim: DIM, layers: [1, 3] },
        }) as Model;
        expect((await some.info()).hiddenStates, 'the last one is not among them').to.deep.equal({
          indices: [1, 3],
          dim: DIM,
        });
        await some.close?.();
        expect((await rejection(readStates(model))).code, 'five layers were declared').to.equal(
          'RXB4017',
        );
      });
      await withStates({ layers: [1, 3], type }, { hiddenStates: undefined }, async ({ model }) =>
        expect((await model.info()).can).not.to.include('hidden-states'),
      );
      const folder = join(root, type);
      const server = await startServer({ engine, hiddenStates: { folder, layers: [1, 3], type } });
      const model = createInstance('model', OpenAi, {
        model: 'weak',
        baseUrl: server.url,
        hiddenStates: { folder, depth: LAYERS, dim: DIM, layers: [1, 3] },
      }) as Model;
      const there = await readStates(model);
      here.forEach((states, query) =>
        [1, 3].forEach((from, at) =>
          expect(
            apart(layer(states, from), layer(there[query] as Float32Array, at)),
            type,
          ).to.be.below(tolerance),
        ),
      );
      await model.close?.();
      await server.close();
    }
  });

  it('are waited for while the server is still writing them', async () => {
    await withStates({ delayMs: 60 }, {}, async ({ model, left }) => {
      const there = await readStates(model);
      here.forEach((states, query) =>
        expect(apart(layer(states, 2), layer(there[query] as Float32Array, 2))).to.be.below(1e-5),
      );
      await model.close?.();
      expect(await left()).to.deep.equal([]);
    });
  });

  const rows: readonly (readonly [FileFault, RegExp])[] = [
    ['missing', /the file does not exist/],
    ['garbled', /cannot be read: it ends inside its header/],
    ['cut', /cannot be read: it has \d+ bytes( of numbers)? instead of \d+/],
    ['link', /is not a regular file/],
    ['other-tokens', /the file has \d+ tokens, but the prompt has \d+/],
    ['not-finite', /a value is not finite/],
  ];
  for (const [fault, message] of rows) {
    it(`are missing for a row whose file is wrong: ${fault}`, async () => {
      await withStates({ fault }, {}, async ({ model }) => {
        const [outcome] =
          (await model.read?.(
            [chat('What is 7 + 5?')],
            { logits: true, hiddenStates: true },
            context,
          )) ?? [];
        expect(outcome).to.include({ ok: false, code: 'RXB4016' });
        expect(outcome?.ok === false && outcome.message).to.match(message);
      });
    });
  }

  it('end the work if the server writes elsewhere, or does not write: RXB4015, RXB4017', async () => {
    await withStates({ fault: 'outside' }, {}, async ({ model, folder }) => {
      const error = await rejection(readStates(model));
      expect([error.code, error.message.includes(folder)], error.message).to.deep.equal([
        'RXB4015',
        true,
      ]);
      await model.close?.();
      expect(
        (await readdir(join(folder, '..'))).filter((name) => name.includes('.safetensors')),
        'other files are not touched',
      ).to.have.length.greaterThan(1);
    });
    await withStates({ fault: 'unnamed' }, {}, async ({ model }) =>
      expect((await rejection(readStates(model))).code).to.equal('RXB4017'),
    );
  });

  it('leave no files of answers and samples whose states were not requested, nor of a stopped run', async () => {
    await withStates({}, {}, async ({ model, left }) => {
      await model.generate?.(
        QUERIES.map(chat),
        { maxTokens: 4, temperature: 1, n: 3, seed: 1 },
        context,
      );
      await model.generate?.(QUERIES.map(chat), { maxTokens: 4, temperature: 0 }, context);
      await model.close?.();
      expect(await left()).to.deep.equal([]);
    });
    await withStates(
      { delayMs: 40 },
      {},
      async ({ model, left }) => {
        const stop = new AbortController();
        const reading = rejection(
          Promise.resolve(
            model.read?.(
              QUERIES.map(chat),
              { logits: false, hiddenStates: true },
              { ...context, signal: stop.signal },
            ),
          ),
        );
        setTimeout(() => stop.abort(new Error('enough')), 15);
        expect((await reading).message).to.equal('enough');
        await model.close?.();
        expect(await left()).to.deep.equal([]);
      },
      20,
    );
  });

  it('of a killed harness are removed by the next one, those of others stay', async () => {
    await withStates({}, {}, async ({ model, folder, left }) => {
      const [gone, there] = [
        `chatcmpl-rxb-${2 ** 22 + 7}-00000000-1-ab.safetensors`,
        `chatcmpl-rxb-${process.pid}-00000000-1-ab.safetensors`,
      ];
      for (const name of [gone, there, `${gone}.lock`, 'mine.safetensors']) {
        await writeFile(join(folder, name), '');
        await utimes(join(folder, name), 1, 1);
      }
      await readStates(model, [chat('x')]);
      await model.close?.();
      expect([...(await left())].sort()).to.deep.equal([there, 'mine.safetensors'].sort());
    });
  });
});

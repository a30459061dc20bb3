import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Model, ModelContext, Outcome } from '../../../../core/index.js';
import { makeTokenizer } from '../../../../plugins/models/_onnx/tokenizer.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { modelContract } from '../../../../testing/index.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';

const FOLDER = resolve('models/tiny/encoder');
const DIM = 128;
const TEXTS = [
  'What is 7 + 5?',
  'Which of these is a kind of fruit? A) hammer B) plum C) owl D) bus',
  'Reverse the word "banana".',
  'Tom has 12 apples. Tom buys 9 more and gives away 4. How many apples are left?',
  'Étrange, ça: 日本 😀?',
  'count '.repeat(60).trim(), // far beyond the distances with separate buckets
];
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const json = async (folder: string, name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(join(folder, name), 'utf8')) as Record<string, unknown>;
const values = <T>(outcomes: readonly Outcome<T>[] | undefined): readonly T[] =>
  (outcomes ?? []).map((outcome) => {
    if (!outcome.ok) throw new Error(`${outcome.code} ${outcome.message}`);
    return outcome.value;
  });
const vocabulary = async (folder: string): Promise<Readonly<Record<string, number>>> =>
  (
    (await json(folder, 'tokenizer.json'))['model'] as {
      readonly vocab: Readonly<Record<string, number>>;
    }
  ).vocab;

modelContract(Onnx, { options: { folder: FOLDER }, queries: TEXTS, tolerance: 1e-5 });

/**
 * The result of transformers.js for a single text: token ids, and the mean of the last hidden
 * state.
 */
async function references(texts: readonly string[]): Promise<
  readonly {
    readonly ids: readonly number[];
    readonly mean: Float64Array;
    readonly model: string;
  }[]
> {
  const { AutoModel, AutoTokenizer, env } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = `${resolve(FOLDER, '..')}/`;
  const tokenizer = await AutoTokenizer.from_pretrained('encoder');
  const model = await AutoModel.from_pretrained('encoder', { dtype: 'fp32' });
  try {
    const all = [];
    for (const text of texts) {
      const inputs = tokenizer(text) as { readonly input_ids: { readonly data: BigInt64Array } };
      const ids = Array.from(inputs.input_ids.data, Number);
      const { last_hidden_state: states } = (await model(inputs)) as {
        readonly last_hidden_state: {
          readonly dims: readonly number[];
          readonly data: Float32Array;
        };
      };
      expect(states.dims).to.deep.equal([1, ids.length, DIM]);
      const mean = new Float64Array(DIM);
      states.data.forEach(
        (value, at) => (mean[at % DIM] = (mean[at % DIM] as number) + value / ids.length),
      );
      all.push({ ids, mean, model: model.constructor.name });
    }
    return all;
  } finally {
    await model.dispose();
  }
}

describe('the embedded encoder', () => {
  let model: Model;
  before(() => {
    model = createInstance('model', Onnx, { folder: FOLDER });
  });
  after(async () => await model.close?.());

  it('loads in transformers.js as a DeBERTa-v2 model with the same tokens and embeddings', async () => {
    const wanted = await references(TEXTS);
    const tokenizer = await makeTokenizer({
      path: FOLDER,
      tokenizer: await json(FOLDER, 'tokenizer.json'),
      tokenizerConfig: await json(FOLDER, 'tokenizer_config.json'),
    });
    const got = values(await model.embed?.(TEXTS, context));
    wanted.forEach(({ ids, mean, model: name }, i) => {
      expect(name).to.equal('DebertaV2Model');
      expect(tokenizer.encode(TEXTS[i] ?? '', true), TEXTS[i]).to.deep.equal(ids);
      mean.forEach((value, at) => expect(got[i]?.[at], TEXTS[i]).to.be.closeTo(value, 1e-4));
    });
  });

  it('has the tokens of the weak model with the same ids, followed by a mask token', async () => {
    const [own, weak] = [await vocabulary(FOLDER), await vocabulary(resolve('models/tiny/weak'))];
    expect(own).to.deep.equal({ ...weak, '<mask>': Object.keys(weak).length });
    expect(await json(FOLDER, 'config.json')).to.include({
      model_type: 'deberta-v2',
      vocab_size: Object.keys(own).length,
      hidden_size: DIM,
      share_att_key: true,
      norm_rel_ebd: 'layer_norm',
    });
  });

  it('distinguishes the order of words and every position', async () => {
    const [one, other] = values(
      await model.embed?.(['What is 12 minus 30?', 'What is 30 minus 12?'], context),
    );
    const gap = Math.hypot(...Array.from(one ?? [], (x, i) => x - (other?.[i] ?? NaN)));
    expect(gap).to.be.greaterThan(0.1);
  });

  it('returns only embeddings', async () => {
    expect((await model.info()).can).to.deep.equal(['embedding']);
    expect(
      await rejection(
        Promise.resolve(
          model.generate?.([{ form: 'raw', text: 'a' }], { maxTokens: 1, temperature: 0 }, context),
        ),
      ),
    ).to.have.property('code', 'RXB4001');
  });
});

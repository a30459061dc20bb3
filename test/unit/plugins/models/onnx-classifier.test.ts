import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Model, ModelContext } from '../../../../core/index.js';
import { makeTokenizer } from '../../../../plugins/models/_onnx/tokenizer.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { modelContract } from '../../../../testing/index.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import { writeClassifier, type BagClassifier } from '../../../support/onnx-writer.js';

const root = mkdtempSync(join(tmpdir(), 'rxb-classifier-'));
const BIAS = [0.5, -0.25];
const BAG: BagClassifier = {
  weight: (token, type) => ((token % 7) - 3) * (type === 0 ? 0.125 : -0.0625),
  classes: 2,
  bias: BIAS,
};
const TEXTS = ['What is 7 + 5?', 'Reverse the word "banana".', 'a', 'count '.repeat(40)];
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };

let written = 0;
const open = async (over: Partial<BagClassifier> = {}): Promise<Model> => {
  const folder = join(root, `${written++}`);
  await writeClassifier(folder, { ...BAG, ...over });
  return createInstance('model', Onnx, { folder, workers: 1 });
};
const computeLogits = async (
  model: Model,
  texts: readonly string[],
): Promise<readonly (readonly number[])[]> => {
  try {
    return ((await model.classify?.(texts, context)) ?? []).map((outcome) =>
      outcome.ok ? [...outcome.value] : [],
    );
  } finally {
    await model.close?.();
  }
};

const contracted = join(root, 'contract');
before(async () => await writeClassifier(contracted, BAG));
after(() => rmSync(root, { recursive: true, force: true }));
modelContract(Onnx, {
  options: { folder: contracted, workers: 1 },
  queries: TEXTS,
  tolerance: 1e-5,
});

describe('a text classifier in the onnx backend', () => {
  const wantedFor = async (text: string, longest = Infinity): Promise<readonly number[]> => {
    const folder = resolve('models/tiny/encoder');
    const tokenizer = await makeTokenizer({
      path: folder,
      tokenizer: JSON.parse(await readFile(join(folder, 'tokenizer.json'), 'utf8')) as Record<
        string,
        unknown
      >,
      tokenizerConfig: {},
    });
    const ids = tokenizer.encode(text, true).slice(0, longest);
    return BIAS.map((bias, type) => ids.reduce((sum, id) => sum + BAG.weight(id, type), bias));
  };

  it('returns the logits of its classes, and nothing else', async () => {
    const model = await open();
    expect(await model.info()).to.deep.include({ can: ['classification'], classes: 2 });
    expect(await rejection(Promise.resolve(model.embed?.(TEXTS, context)))).to.have.property(
      'code',
      'RXB4001',
    );
    const got = await computeLogits(model, TEXTS);
    for (const [i, text] of TEXTS.entries())
      (await wantedFor(text)).forEach((logit, type) =>
        expect(got[i]?.[type], text).to.be.closeTo(logit, 1e-5),
      );
  });

  it('cuts queries at the length of its fine-tuning', async () => {
    const [got] = await computeLogits(await open({ longest: 12 }), [TEXTS[3] ?? '']);
    (await wantedFor(TEXTS[3] ?? '', 12)).forEach((logit, type) =>
      expect(got?.[type]).to.be.closeTo(logit, 1e-5),
    );
  });

  it('accepts a trained head wherever its bias is stored', async () => {
    for (const place of ['inline', 'cast', 'beside'] as const)
      expect((await (await open({ place })).info()).can, place).to.deep.equal(['classification']);
  });

  it('rejects a head that was never trained, wherever its bias is stored', async () => {
    for (const place of ['inline', 'cast', 'beside'] as const)
      expect(await rejection((await open({ place, bias: [0, 0] })).info()), place).to.have.property(
        'code',
        'RXB6301',
      );
  });

  it('rejects a head without a bias: nothing shows that it was trained', async () => {
    expect(await rejection((await open({ bias: null })).info())).to.have.property(
      'code',
      'RXB6302',
    );
  });

  it('reports what it was fine-tuned on, if there is a record', async () => {
    const trainedOn = [{ dataset: 'tiny-instruct', split: 'train', prompts: 'abc' }];
    expect((await (await open({ trainedOn })).info()).trainedOn).to.deep.equal(trainedOn);
    expect(await (await open()).info()).to.not.have.property('trainedOn');
    expect(await rejection((await open({ trainedOn: [{ dataset: 1 }] })).info())).to.have.property(
      'code',
      'RXB4001',
    );
  });
});

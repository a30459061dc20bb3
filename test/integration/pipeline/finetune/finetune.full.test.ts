import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import * as ort from 'onnxruntime-node';
import type { Model, ModelContext } from '../../../../core/index.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { createInstance } from '../../../support/instance.js';
import { inToyProject, rxbIn, type Ran } from '../../../support/toy-project.js';
import { inTemporaryFolder } from '../../../support/temporary.js';
import { TORCH, without } from '../../../support/python.js';
import { ENCODER, finetuneArgs, finetuneIn, QUICK, TOY } from '../../../support/finetune-toy.js';

const SCRIPTS = resolve('pipeline/finetune/python');
const codes = ({ stdout }: Ran): readonly string[] =>
  (JSON.parse(stdout) as { readonly errors: readonly { readonly code: string }[] }).errors.map(
    ({ code }) => code,
  );
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const TEXTS = [
  'Add 7 + 5? (1)',
  'What is 40 + 12? (3)',
  'Reverse the word "banana".',
  'count '.repeat(60).trim(),
];

/** Output of a snippet of Python beside the scripts. */
const python = async (args: readonly string[]): Promise<unknown> =>
  JSON.parse((await execa(TORCH ?? '', ['-B', ...args])).stdout);

const padded = (
  rows: readonly (readonly number[])[],
): { readonly input_ids: ort.Tensor; readonly attention_mask: ort.Tensor } => {
  const width = Math.max(...rows.map((ids) => ids.length));
  const filled = (of: (id: number) => bigint): ort.Tensor =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from(
        rows.flatMap((ids) =>
          Array.from({ length: width }, (_, i) => (i < ids.length ? of(ids[i] as number) : 0n)),
        ),
      ),
      [rows.length, width],
    );
  return { input_ids: filled(BigInt), attention_mask: filled(() => 1n) };
};

describe(`fine-tuning as its users run it${without('Python with torch', TORCH)}`, function () {
  this.timeout(600_000);
  const args = (...more: readonly string[]): readonly string[] =>
    finetuneArgs(TORCH ?? '', ...more);
  before(function () {
    if (TORCH === null) this.skip();
  });

  it('makes a classifier that a run scores with, by its alias, and that no run tests on its own rows', async () => {
    await inToyProject(async ({ rxb }) => {
      const made = await rxb(...args('--json'));
      expect(made.exitCode, made.stderr).to.equal(0);
      expect(JSON.parse(made.stdout)).to.deep.include({
        folder: 'tuned',
        reused: false,
        trainedOn: [
          {
            dataset: 'toy-near',
            split: 'train',
            prompts: (JSON.parse(made.stdout) as { trainedOn: { prompts: string }[] }).trainedOn[0]
              ?.prompts,
          },
        ],
      });
      expect(made.stderr).to.contain('fine-tune encoder').and.contain('24/24');
      const again = await rxb(...args());
      expect(again.stdout)
        .to.contain('tuned was finished before')
        .and.contain("options: { folder: 'tuned' }");

      const run = await rxb('run', '--json');
      expect(run.exitCode, run.stderr).to.equal(0);
      const { modelCalls, board } = JSON.parse(run.stdout) as {
        readonly modelCalls: Readonly<Record<string, number>>;
        readonly board: { readonly rows: readonly { readonly router: string }[] };
      };
      expect(modelCalls['classifier']).to.equal(160); // test rows only
      expect(board.rows.map(({ router }) => router)).to.include('deberta');
    }, TOY);
  });

  it('stopped with Ctrl-C it goes on, to the same bytes as never stopped', async () => {
    const longer = ['--epochs', '120', '--learning-rate', '0.0001', '--batch-size', '4'];
    const bytes = async (folder: string): Promise<readonly string[]> =>
      await Promise.all(
        ['model.safetensors', 'onnx/model.onnx', 'finetune.json'].map(async (name) =>
          (await readFile(join(folder, 'tuned', name))).toString('latin1'),
        ),
      );
    const whole = await inToyProject(async ({ folder, rxb }) => {
      const ran = await rxb(...args(...longer));
      expect(ran.exitCode, ran.stderr).to.equal(0);
      return await bytes(folder);
    }, TOY);
    await inToyProject(async ({ folder, rxb }) => {
      const stopped = await rxbIn(folder, { interruptAt: 'fine-tune encoder' })(
        ...args(...longer, '--json'),
      );
      expect([stopped.exitCode, codes(stopped)]).to.deep.equal([130, ['interrupted']]);
      expect((await readdir(folder)).filter((name) => name.startsWith('tuned'))).to.deep.equal([]);
      const ended = await rxb(...args(...longer));
      expect(ended.exitCode, ended.stderr).to.equal(0);
      expect(ended.stderr).to.match(/fine-tune encoder .*1920\/1920 \(\d+ reused\)/);
      expect(await bytes(folder)).to.deep.equal(whole);
    }, TOY);
  });

  it('tells when the script fails, and leaves no folder', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const ran = await rxb(...args('--learning-rate', '1e30', '--json'));
      expect([ran.exitCode, codes(ran)]).to.deep.equal([3, ['RXB6306']]);
      expect(ran.stderr).to.contain('lower --learning-rate');
      expect(await readdir(folder)).to.not.include('tuned');
    }, TOY);
  });

  it('refuses a model of another kind, in words, before any answer', async () => {
    await inTemporaryFolder(async (base) => {
      await execa('cp', ['-r', `${ENCODER}/.`, base]);
      const config = JSON.parse(await readFile(join(base, 'config.json'), 'utf8')) as object;
      await execa('tee', [join(base, 'config.json')], {
        input: JSON.stringify({ ...config, model_type: 'bert' }),
        stdout: 'ignore',
      });
      await inToyProject(async ({ rxb }) => {
        const ran = await rxb('finetune', base, 'tuned', '--python', TORCH ?? '', '--json');
        expect([ran.exitCode, codes(ran)]).to.deep.equal([2, ['RXB6305']]);
        expect(ran.stderr).to.contain("model_type 'bert'").and.not.contain('answers');
      }, TOY);
    });
  });

  it('exports every form of DeBERTa that it reads: onnxruntime gives PyTorch’s logits, and transformers, where it is, the same states', async () => {
    await inTemporaryFolder(async (out) => {
      const { rows, forms } = (await python(['test/support/finetune-forms.py', SCRIPTS, out])) as {
        readonly rows: readonly (readonly number[])[];
        readonly forms: Readonly<
          Record<
            string,
            {
              readonly logits: readonly (readonly number[])[];
              readonly readBack: boolean;
              readonly transformers: { readonly gap: number } | null;
            }
          >
        >;
      };
      expect(Object.keys(forms)).to.have.length(11);
      for (const [name, { logits, readBack, transformers }] of Object.entries(forms)) {
        const session = await ort.InferenceSession.create(join(out, name, 'model.onnx'));
        const got = (await session.run(padded(rows)))['logits']?.data as Float32Array;
        logits.flat().forEach((logit, at) => expect(got[at], name).to.be.closeTo(logit, 1e-4));
        expect(readBack, name).to.equal(true);
        if (transformers !== null) expect(transformers.gap, name).to.be.below(1e-4);
        await session.release();
      }
      expect(await readdir(join(out, 'weights-beside'))).to.include('model.onnx_data');
    });
  });

  it('reads the embedded encoder as transformers.js does, and writes a folder that transformers.js classifies with alike', async () => {
    const { AutoModel, AutoModelForSequenceClassification, AutoTokenizer, env } =
      await import('@huggingface/transformers');
    env.allowRemoteModels = false;
    await inToyProject(async ({ folder }) => {
      await finetuneIn(folder, { python: TORCH ?? '', settings: QUICK });
      env.localModelPath = `${resolve(ENCODER, '..')}/`;
      const tokenizer = await AutoTokenizer.from_pretrained('encoder');
      const encoder = await AutoModel.from_pretrained('encoder', { dtype: 'fp32' });
      const snippet =
        'import json, sys; sys.path.insert(0, sys.argv[1]); import torch, deberta; model = deberta.load(sys.argv[2], 1)[0].eval(); torch.set_grad_enabled(False); print(json.dumps([model.deberta(torch.tensor([ids]), torch.ones(1, len(ids), dtype=torch.long))[0].tolist() for ids in json.loads(sys.argv[3])]))';
      const inputs = TEXTS.map(
        (text) => tokenizer(text) as { readonly input_ids: { readonly data: BigInt64Array } },
      );
      const ids = inputs.map(({ input_ids }) => Array.from(input_ids.data, Number));
      const states = (await python([
        '-c',
        snippet,
        SCRIPTS,
        ENCODER,
        JSON.stringify(ids),
      ])) as readonly (readonly (readonly number[])[])[];
      for (const [i, own] of states.entries()) {
        const { last_hidden_state: wanted } = (await encoder(inputs[i])) as {
          readonly last_hidden_state: { readonly data: Float32Array };
        };
        expect(wanted.data.length).to.equal(own.flat().length);
        own
          .flat()
          .forEach((value, at) =>
            expect(value, TEXTS[i]).to.be.closeTo(wanted.data[at] as number, 1e-4),
          );
      }
      await encoder.dispose();

      env.localModelPath = `${folder}/`;
      const classifier = await AutoModelForSequenceClassification.from_pretrained('tuned', {
        dtype: 'fp32',
      });
      const backend: Model = createInstance('model', Onnx, {
        folder: join(folder, 'tuned'),
        workers: 1,
      });
      const got = (await backend.classify?.(TEXTS, context)) ?? [];
      for (const [i, outcome] of got.entries()) {
        const { logits } = (await classifier(inputs[i])) as {
          readonly logits: { readonly data: Float32Array };
        };
        expect(
          outcome.ok &&
            [...outcome.value].map(
              (logit, at) => Math.abs(logit - (logits.data[at] as number)) < 1e-4,
            ),
          TEXTS[i],
        ).to.deep.equal([true, true]);
      }
      await classifier.dispose();
      await backend.close?.();
    }, TOY);
  });
});

import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pid } from 'node:process';
import type {
  HarnessError,
  Model,
  ModelContext,
  ModelPrompt,
  PromptState,
} from '../../../../core/index.js';
import { onnxruntime } from '../../../../plugins/models/_onnx/session.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { makePlan } from '../../../../pipeline/plan.js';
import { openProject } from '../../../../pipeline/project.js';
import { inToyProject } from '../../../support/toy-project.js';
import { TOY } from '../../../support/finetune-toy.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import { withoutOutputs, withWeightsBeside } from '../../../support/onnx-edit.js';
import { writeSkipDecoder } from '../../../integration/plugins/models/skip-decoder.js';

const QUERIES = [
  'What is 7 + 5?',
  'Reverse the word "banana".',
  'Tom has 12 apples. Tom buys 9 more and gives away 4. How many apples are left?',
  'Étrange, ça: 日本 😀?',
];
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const chat = (content: string): ModelPrompt => ({
  form: 'chat',
  messages: [{ role: 'user', content }],
});
const open = (folder: string, options: object = {}): Model =>
  createInstance('model', Onnx, { folder, workers: 1, threads: 1, ...options });
const readStates = async (
  model: Model,
  prompts: readonly ModelPrompt[] = QUERIES.map(chat),
): Promise<readonly PromptState[]> => {
  try {
    return ((await model.read?.(prompts, { logits: true, hiddenStates: true }, context)) ?? []).map(
      (outcome) => {
        if (!outcome.ok) throw new Error(outcome.message);
        return outcome.value;
      },
    );
  } finally {
    await model.close?.();
  }
};
const sha = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
const closeTo = (
  given: readonly PromptState[],
  wanted: readonly PromptState[],
  gap: number,
): void => {
  wanted.forEach(({ hiddenStates, logits }, row) => {
    expect(given[row]?.hiddenStates).to.have.length(hiddenStates?.length ?? -1);
    hiddenStates?.forEach((value, i) =>
      expect(given[row]?.hiddenStates?.[i], `row ${row}, number ${i}`).to.be.closeTo(value, gap),
    );
    logits?.forEach((value, i) => expect(given[row]?.logits?.[i]).to.be.closeTo(value, 10 * gap));
  });
};

/** A copy of an embedded model whose graph outputs no hidden states. */
const plain = async (name: string, at: string): Promise<string> => {
  await cp(resolve('models/tiny', name), at, { recursive: true });
  const file = join(at, 'onnx/model.onnx');
  await writeFile(
    file,
    withoutOutputs(await readFile(file), (output) => output === 'hidden_states'),
  );
  return file;
};

describe('hidden states of graphs that have no outputs for them', () => {
  for (const name of ['weak', 'strong']) {
    it(`equal those of the graph that outputs them: ${name}`, async () => {
      await inTemporaryFolder(async (folder) => {
        const file = await plain(name, join(folder, 'm'));
        const before = await sha(file);
        const own = open(resolve('models/tiny', name));
        const info = await own.info();
        expect((await open(join(folder, 'm')).info()).hiddenStates).to.deep.equal(
          info.hiddenStates,
        );
        expect(await readdir(join(folder, 'm/onnx')), 'inspecting writes nothing').to.deep.equal([
          'model.onnx',
        ]);
        closeTo(await readStates(open(join(folder, 'm'))), await readStates(own), 1e-5);
        expect(await sha(file), 'the file itself is unchanged').to.equal(before);
        expect((await readdir(join(folder, 'm/onnx'))).sort()).to.match(
          /^model\.hidden-states-[0-9a-f]{12}\.onnx,model\.onnx$/,
        );
      });
    });
  }

  it('are found in a graph that onnxruntime has fused, and with weights in an external file', async () => {
    await inTemporaryFolder(async (folder) => {
      const wanted = await readStates(open(resolve('models/tiny/weak')));
      const file = await plain('weak', join(folder, 'm'));
      const { model, weights } = withWeightsBeside(await readFile(file), 'model.onnx_data');
      await writeFile(file, model);
      await writeFile(`${file}_data`, weights);
      closeTo(await readStates(open(join(folder, 'm'))), wanted, 1e-5);
      await (
        await onnxruntime().InferenceSession.create(file, {
          graphOptimizationLevel: 'extended',
          optimizedModelFilePath: `${file}.fused`,
          logSeverityLevel: 4,
        })
      ).release();
      await rename(`${file}.fused`, file);
      closeTo(await readStates(open(join(folder, 'm'))), wanted, 1e-5);
      const copies = (await readdir(join(folder, 'm/onnx'))).filter((name) =>
        name.includes('.hidden-states-'),
      );
      expect(copies, 'the copy of the earlier file is gone').to.have.length(1);
    });
  });

  it('equal the computed ones in a graph of fused skip norms with a quantised head', async () => {
    await inTemporaryFolder(async (folder) => {
      const { expected } = await writeSkipDecoder(folder, 3);
      const model = open(folder);
      expect(await model.info()).to.deep.include({
        hiddenStates: { indices: [0, 1, 2, 3], dim: 32 },
      });
      closeTo(
        await readStates(
          model,
          QUERIES.map((text) => ({ form: 'raw', text })),
        ),
        await Promise.all(QUERIES.map(async (text) => ({ hiddenStates: await expected(text) }))),
        1e-4,
      );
    });
  });

  it('change neither answers nor logits, whatever was read before', async () => {
    await inTemporaryFolder(async (folder) => {
      await plain('weak', join(folder, 'm'));
      const model = open(join(folder, 'm'));
      const logits = async (): Promise<unknown> =>
        ((await model.read?.(
          [chat('What is 7 + 5?')],
          { logits: true, hiddenStates: false },
          context,
        )) ?? [])[0];
      const before = await logits();
      await model.read?.([chat('What is 7 + 5?')], { logits: true, hiddenStates: true }, context);
      expect(await logits()).to.deep.equal(before);
      await model.close?.();
    });
  });

  it('are taken from the tensors that the options name, if they exist and have the right shape', async () => {
    await inTemporaryFolder(async (folder) => {
      await plain('weak', join(folder, 'm'));
      const [wanted] = await readStates(open(resolve('models/tiny/weak')), [
        chat('What is 7 + 5?'),
      ]);
      const named = (tensors: readonly string[], indices?: readonly number[]): Model =>
        open(join(folder, 'm'), {
          hiddenStates: { tensors, ...(indices === undefined ? {} : { indices }) },
        });
      const two = named(['/decoder/blocks.1/Add_4_output_0', '/decoder/norm/Mul_output_0'], [2, 4]);
      expect((await two.info()).hiddenStates).to.deep.equal({ indices: [2, 4], dim: 48 });
      const [given] = await readStates(two, [chat('What is 7 + 5?')]);
      [
        ...(wanted?.hiddenStates?.slice(96, 144) ?? []),
        ...(wanted?.hiddenStates?.slice(192) ?? []),
      ].forEach((value, i) => expect(given?.hiddenStates?.[i]).to.be.closeTo(value, 1e-5));
      expect(await rejection(named(['/decoder/nowhere']).info())).to.have.property(
        'code',
        'RXB4022',
      );
      const odd = named(['/decoder/blocks.1/MatMul_output_0']);
      expect(await rejection(readStates(odd))).to.have.property('code', 'RXB4023');
      expect(() => named(['a', 'b'], [3, 1])).to.throw('RXB2105');
      expect((await named(['/decoder/norm/Mul_output_0'], [4]).info()).fingerprint).not.to.equal(
        (await open(join(folder, 'm')).info()).fingerprint,
      );
    });
  });

  it('are reported as missing, with the reason, if they are not found', async () => {
    await inTemporaryFolder(async (folder) => {
      await plain('weak', join(folder, 'm'));
      const config = join(folder, 'm/config.json');
      await writeFile(
        config,
        (await readFile(config, 'utf8')).replace(
          '"num_hidden_layers": 4',
          '"num_hidden_layers": 3',
        ),
      );
      const model = open(join(folder, 'm'));
      const info = await model.info();
      expect(info.can).not.to.include('hidden-states');
      expect(info.lacks?.['hidden-states'])
        .to.include('8 residual additions')
        .and.to.include('3 layers');
      expect(await rejection(readStates(model))).to.have.property('code', 'RXB4001');
    });
  });

  it('end with RXB4021 if the copy cannot be written', async () => {
    await inTemporaryFolder(async (folder) => {
      const file = await plain('weak', join(folder, 'm'));
      const info = open(join(folder, 'm'));
      await readStates(info);
      const [copy = ''] = (await readdir(join(folder, 'm/onnx'))).filter((name) =>
        name.includes('.hidden-states-'),
      );
      await rm(join(folder, 'm/onnx', copy));
      // blocks the path, even for root
      await mkdir(join(folder, 'm/onnx', `${copy}.${pid}.partial`));
      const error = (await rejection(readStates(open(join(folder, 'm'))))) as HarnessError;
      expect(error.code).to.equal('RXB4021');
      expect(error.problem).to.include(file).and.to.include(copy);
    });
  });

  it('are rejected by plan, before any cost: RXB4020', async () => {
    await inToyProject(
      async ({ folder }) => {
        await plain('weak', join(folder, 'm'));
        const config = join(folder, 'm/config.json');
        await writeFile(
          config,
          (await readFile(config, 'utf8')).replace(
            '"num_hidden_layers": 4',
            '"num_hidden_layers": 3',
          ),
        );
        const error = await rejection(makePlan(await openProject({ cwd: folder, env: {} })));
        expect(error.message).to.match(
          /^RXB4020 .*"probe-mean" needs hidden-states.*8 residual additions/,
        );
      },
      {
        ...TOY,
        routers: ['probe-mean'],
        models: { weak: { use: 'onnx', options: { folder: 'm' } }, strong: TOY.models.strong },
      },
    );
  });
});

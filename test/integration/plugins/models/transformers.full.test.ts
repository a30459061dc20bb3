import { expect } from 'chai';
import { execa } from 'execa';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  HarnessError,
  Model,
  ModelContext,
  ModelPrompt,
  Outcome,
  PromptState,
} from '../../../../core/index.js';
import { makeTokenizer } from '../../../../plugins/models/_onnx/tokenizer.js';
import { Transformers } from '../../../../plugins/models/transformers.js';
import { modelContract } from '../../../../testing/index.js';
import { PYTHON, TORCH, TRANSFORMERS, without } from '../../../support/python.js';
import { rejection } from '../../../support/temporary.js';
import { recordedEngine, recordedText } from '../../../support/openai-server/recorded-engine.js';
import { startServer } from '../../../support/openai-server/server.js';
import { running, untilGone } from '../../../support/processes.js';
import { createInstance } from '../../../support/instance.js';

const HERE = resolve('test/integration/plugins/models/_transformers');
const TOKENIZER = resolve('models/tiny/weak');
const VOCABULARY = 677;
const SIZES = {
  vocab_size: VOCABULARY,
  hidden_size: 24,
  num_hidden_layers: 3,
  max_position_embeddings: 256,
  pad_token_id: 0,
  seed: 5,
};
const QUERIES = [
  'What is 7 + 5?',
  'a',
  'Reverse the word "banana".',
  'Tom has 12 apples. Tom buys 9 more and gives away 4. How many apples are left?',
  'Étrange, ça: 日本 😀?',
];
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const raw = (text: string): ModelPrompt => ({ form: 'raw', text });
const both = { logits: true, hiddenStates: true };

const root = await mkdtemp(join(tmpdir(), 'rxb-transformers-'));
after(async () => await rm(root, { recursive: true, force: true }));

let made = 0;
/** A Python with a folder of modules at the start of its path. */
const pythonWith = async (python: string, modules: string): Promise<string> => {
  const path = join(root, `python-${made++}`);
  await writeFile(path, `#!/bin/sh\nPYTHONPATH='${modules}' exec '${python}' "$@"\n`);
  await chmod(path, 0o755);
  return path;
};
/** A Python in which importing a module fails. */
const pythonLacking = async (python: string, name: string): Promise<string> => {
  const modules = await mkdtemp(join(root, 'modules-'));
  await writeFile(
    join(modules, 'torch.py'),
    name === 'torch' ? "raise ImportError('no torch here')\n" : '',
  );
  await writeFile(join(modules, 'transformers.py'), "raise ImportError('no transformers here')\n");
  return await pythonWith(python, modules);
};
const folderWith = async (config: object = {}): Promise<string> => {
  const folder = await mkdtemp(join(root, 'model-'));
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(TOKENIZER, name), join(folder, name));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...SIZES, ...config }));
  await writeFile(join(folder, 'model.safetensors'), '');
  return folder;
};
const encodeTexts = async (texts: readonly string[]): Promise<readonly (readonly number[])[]> => {
  const tokenizer = await makeTokenizer({
    path: TOKENIZER,
    tokenizer: JSON.parse(await readFile(join(TOKENIZER, 'tokenizer.json'), 'utf8')) as Record<
      string,
      unknown
    >,
    tokenizerConfig: {},
  });
  return texts.map((text) => tokenizer.encode(text, true));
};
const open = (options: object): Model =>
  createInstance('model', Transformers, { device: 'cpu', ...options });
const values = (outcomes: readonly Outcome<PromptState>[] | undefined): readonly PromptState[] =>
  (outcomes ?? []).map((outcome) => {
    if (!outcome.ok) throw new Error(outcome.message);
    return outcome.value;
  });
/** Each prompt read alone, by another script. */
const expected = async (
  python: string,
  folder: string,
  texts: readonly string[],
): Promise<
  readonly { readonly hidden: readonly number[]; readonly logits: readonly number[] }[]
> => {
  const { stdout } = await execa(python, [join(HERE, 'expected.py'), folder], {
    input: JSON.stringify(await encodeTexts(texts)),
  });
  return JSON.parse(stdout.slice(stdout.indexOf('['))) as never;
};
const compare = (
  states: readonly PromptState[],
  wanted: Awaited<ReturnType<typeof expected>>,
): void => {
  wanted.forEach(({ hidden, logits }, row) => {
    expect(states[row]?.hiddenStates).to.have.length(hidden.length);
    hidden.forEach((value, i) =>
      expect(states[row]?.hiddenStates?.[i], `row ${row}, number ${i}`).to.be.closeTo(value, 1e-5),
    );
    logits.forEach((value, i) => expect(states[row]?.logits?.[i]).to.be.closeTo(value, 1e-4));
  });
};

/** A file's text, once it contains a complete line. */
const untilWritten = async (file: string): Promise<string> => {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text.endsWith('\n')) return text;
    await wait(10);
  }
};

const standIn = await pythonWith(TORCH ?? '', join(HERE, 'torch-only'));
const contracted = await folderWith();

(TORCH === null ? describe.skip : describe)(
  `transformers, with torch and a stand-in for the package${without('torch', TORCH)}`,
  () => {
    const python = standIn;
    const using = async <T>(
      config: object,
      options: object,
      work: (model: Model, folder: string) => Promise<T>,
    ): Promise<T> => {
      const folder = await folderWith(config);
      const model = open({ folder, python, ...options });
      try {
        return await work(model, folder);
      } finally {
        await model.close?.();
      }
    };

    it('returns the same as when each prompt is read alone, however long the others are', async () => {
      await using({}, { batchSize: 4 }, async (model, folder) => {
        expect(await model.info()).to.deep.include({
          can: ['logits', 'hidden-states'],
          vocabulary: VOCABULARY,
          hiddenStates: { indices: [0, 1, 2, 3], dim: 24 },
        });
        let finished = 0;
        const states = values(
          await model.read?.(QUERIES.map(raw), both, {
            ...context,
            advance: (more) => (finished += more),
          }),
        );
        compare(states, await expected(python, folder, QUERIES));
        expect(finished).to.equal(QUERIES.length);
      });
    });

    it('returns only what was requested, and batches prompts of the same tick', async () => {
      await using({}, {}, async (model, folder) => {
        const single = await Promise.all(
          QUERIES.map(
            async (text) =>
              values(
                await model.read?.([raw(text)], { logits: false, hiddenStates: true }, context),
              )[0] as PromptState,
          ),
        );
        expect(single.every((state) => state.logits === undefined)).to.equal(true);
        const wanted = await expected(python, folder, QUERIES);
        compare(
          single,
          wanted.map(({ hidden }) => ({ hidden, logits: [] })),
        );
      });
    });

    it('halves a batch that is too large for the device; a prompt that is too large is a failed row', async () => {
      const lengths = (await encodeTexts(QUERIES)).map((ids) => ids.length);
      const fits = Math.max(...lengths) - 1;
      const long = lengths.map((length) => length > fits);
      await using({ fits }, {}, async (model, folder) => {
        const outcomes = (await model.read?.(QUERIES.map(raw), both, context)) ?? [];
        outcomes.forEach((outcome, i) => expect(outcome.ok, QUERIES[i]).to.equal(!long[i]));
        expect(outcomes.find((outcome) => !outcome.ok))
          .to.deep.include({ code: 'RXB4008' })
          .and.to.have.property('message')
          .that.matches(/tokens do not fit: CUDA out of memory/);
        const short = QUERIES.filter((_text, i) => !long[i]);
        compare(
          values(outcomes.filter((outcome) => outcome.ok)),
          await expected(python, folder, short),
        );
      });
    });

    it('renders a conversation with the chat template of the folder', async () => {
      await using({}, {}, async (model, folder) => {
        const [state] = values(
          await model.read?.(
            [{ form: 'chat', messages: [{ role: 'user', content: 'What is 7 + 5?' }] }],
            both,
            context,
          ),
        );
        compare([state as PromptState], await expected(python, folder, ['What is 7 + 5?\n']));
      });
    });

    it('reports what cannot be loaded, and what differs from config.json: RXB6022', async () => {
      const getProblem = async (config: object): Promise<HarnessError> =>
        await using(
          config,
          {},
          async (model) =>
            (await rejection(
              Promise.resolve(model.read?.([raw('a')], both, context)),
            )) as HarnessError,
        );
      const unknown = await getProblem({ model_type: 'unheard-of' });
      expect([unknown.code, unknown.problem.includes('unheard-of')]).to.deep.equal([
        'RXB6022',
        true,
      ]);
      const folder = await folderWith();
      const model = open({ folder, python });
      await model.info();
      await writeFile(
        join(folder, 'config.json'),
        JSON.stringify({ ...SIZES, num_hidden_layers: 2 }),
      );
      const lied = (await rejection(
        Promise.resolve(model.read?.([raw('a')], both, context)),
      )) as HarnessError;
      await model.close?.();
      expect(lied.problem).to.match(
        /config.json says 4 layers of hidden states, the model gives 3/,
      );
    });

    it('reports that the process was killed, and starts another one for the next call: RXB6023', async () => {
      const [[, fatal = 0] = []] = await encodeTexts(['😀 😀']);
      await using(
        { dies: (await encodeTexts(['Reverse']))[0]?.at(-1) ?? fatal },
        {},
        async (model) => {
          const error = (await rejection(
            Promise.resolve(model.read?.([raw('What is'), raw('Reverse')], both, context)),
          )) as HarnessError;
          expect(error.code).to.equal('RXB6023');
          expect(error.problem).to.include('SIGKILL');
          expect(values(await model.read?.([raw('What is')], both, context))).to.have.length(1);
        },
      );
    });

    it('stops at once when told to, and leaves no process behind', async () => {
      const told = join(root, 'pid');
      await using({ told }, { batchSize: 1 }, async (model) => {
        const stop = new AbortController();
        const stopped = rejection(
          Promise.resolve(
            model.read?.(
              Array.from({ length: 3000 }, (_, i) => raw(`count ${i} `.repeat(20))),
              both,
              { signal: stop.signal, advance: () => stop.abort(new Error('enough')) },
            ),
          ),
        );
        expect((await stopped).message).to.equal('enough');
        await model.close?.();
        const pids = (await readFile(told, 'utf8')).trim().split('\n').map(Number);
        expect(pids, 'one process, however many batches wait').to.have.length(1);
        for (const pid of pids) expect(() => kill(pid, 0)).to.throw('ESRCH');
      });
    });

    it('gets answers from a server of the same model, which is part of its fingerprint', async () => {
      const server = await startServer({ engine: recordedEngine() });
      const options = { server: { model: 'recorded', baseUrl: server.url } };
      await using({}, options, async (model, folder) => {
        const info = await model.info();
        expect(info.can)
          .to.include.members(['generate', 'logits', 'hidden-states', 'choice-logprobs'])
          .and.not.to.include('top-logprobs');
        const [outcome] =
          (await model.generate?.([raw('hello')], { maxTokens: 9, temperature: 0 }, context)) ?? [];
        expect(outcome?.ok === true && outcome.value[0]?.text).to.equal(recordedText('hello'));
        const alone = open({ folder, python });
        expect((await alone.info()).fingerprint).not.to.equal(info.fingerprint);
        expect(
          await rejection(
            Promise.resolve().then(
              async () =>
                await alone.generate?.([raw('a')], { maxTokens: 9, temperature: 0 }, context),
            ),
          ),
        ).to.have.property('code', 'RXB4009');
      });
      await server.close();
    });

    it('resolves a path of Python against the folder of the config', async () => {
      const model = createInstance(
        'model',
        Transformers,
        { folder: await folderWith(), python: `./${basename(python)}` },
        dirname(python),
      ) as Model;
      expect(await model.check?.(context.signal)).to.match(/^transformers 4\.57\.0/);
    });

    it('reports the environment to doctor', async () => {
      await using({}, {}, async (model) =>
        expect(await model.check?.(context.signal)).to.match(
          /^transformers 4\.57\.0, torch \S+, Python 3\.\S+, \w+$/,
        ),
      );
    });

    modelContract(Transformers, {
      options: { folder: contracted, python: standIn, device: 'cpu' },
      queries: QUERIES,
      tolerance: 1e-4,
    });
  },
);

(PYTHON === null ? describe.skip : describe)(
  `transformers with something missing${without('Python', PYTHON)}`,
  () => {
    const getCode = async (python: string): Promise<readonly [string | undefined, string]> => {
      const model = open({ folder: await folderWith(), python });
      const [read, looked] = [
        await rejection(Promise.resolve(model.read?.([raw('a')], both, context))),
        await rejection(Promise.resolve(model.check?.(context.signal))),
      ];
      expect(looked.code).to.equal(read.code);
      return [read.code, read.message];
    };

    it('names what is missing: Python, torch, transformers', async () => {
      expect(await getCode('no-such-python')).to.satisfy(
        ([code, text]: [string, string]) => code === 'RXB6020' && text.includes('no-such-python'),
      );
      const [torch, torchText] = await getCode(await pythonLacking(PYTHON ?? '', 'torch'));
      expect([torch, torchText.includes('pip install torch')]).to.deep.equal(['RXB6021', true]);
      const [code, text] = await getCode(await pythonLacking(PYTHON ?? '', 'transformers'));
      expect([code, text.includes('pip install transformers')]).to.deep.equal(['RXB6021', true]);
    });

    it('leaves no process behind if the harness is killed while Python is still importing', async () => {
      const modules = await mkdtemp(join(root, 'modules-'));
      const told = join(modules, 'pid');
      await writeFile(
        join(modules, 'torch.py'),
        `import os, time\nwith open(${JSON.stringify(told)}, "w") as file:\n    file.write(f"{os.getpid()}\\n")\ntime.sleep(3600)\n`,
      );
      const harness = join(modules, 'harness.mjs');
      const options = {
        folder: await folderWith(),
        python: await pythonWith(PYTHON ?? '', modules),
      };
      await writeFile(
        harness,
        `import { Transformers } from ${JSON.stringify(new URL('../../../../plugins/models/transformers.js', import.meta.url).href)};
      import { createInstance } from ${JSON.stringify(new URL('../../../support/instance.js', import.meta.url).href)};
      await createInstance('model', Transformers, ${JSON.stringify(options)}).read([{ form: 'raw', text: 'a' }], { logits: true, hiddenStates: true }, { signal: new AbortController().signal, advance: () => {} });`,
      );
      const started = execa(process.execPath, [harness], { reject: false });
      const pid = Number(await untilWritten(told));
      expect(await running([pid])).to.equal(1);
      started.kill('SIGKILL');
      expect((await started).signal).to.equal('SIGKILL');
      await untilGone([pid]);
    });

    it('names a folder without weights for transformers: RXB4001', async () => {
      const error = await rejection(open({ folder: TOKENIZER }).info());
      expect(error.code).to.equal('RXB4001');
      expect(error.message).to.include('backend onnx');
    });
  },
);

(TRANSFORMERS === null ? describe.skip : describe)(
  `transformers itself${without('transformers and torch', TRANSFORMERS)}`,
  () => {
    it('reads a llama in batches with the same result as each prompt alone', async () => {
      const python = TRANSFORMERS ?? '';
      const folder = await folderWith();
      await rm(join(folder, 'model.safetensors'));
      await execa(python, [join(HERE, 'random_llama.py'), folder, String(VOCABULARY)]);
      const model = open({ folder, python, batchSize: 3 });
      compare(
        values(await model.read?.(QUERIES.map(raw), both, context)),
        await expected(python, folder, QUERIES),
      );
      await model.close?.();
    });
  },
);

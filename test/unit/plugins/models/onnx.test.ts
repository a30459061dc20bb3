import { expect } from 'chai';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  Completion,
  GenerateSettings,
  HarnessError,
  Model,
  ModelContext,
  ModelPrompt,
  Outcome,
  PromptState,
} from '../../../../core/index.js';
import { Onnx } from '../../../../plugins/models/onnx.js';
import { modelContract } from '../../../../testing/index.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';
import { withoutOutputs } from '../../../support/onnx-edit.js';

const WEAK = resolve('models/tiny/weak');
const STRONG = resolve('models/tiny/strong');

/** Questions of all families and of different lengths. */
const QUERIES = [
  'What is 7 + 5?',
  'Compute 48 minus 19.',
  'Which of these is a kind of fruit? A) hammer B) plum C) owl D) bus',
  'Reverse the word "banana".',
  'Tom has 12 apples. Tom buys 9 more and gives away 4. How many apples are left?',
  'Pick the highest value from this list: A) 41 B) 17 C) 93 D) 5 E) 66 F) 78 G) 23 H) 12 I) 88 J) 30',
  'Write "kolibri" backwards in capital letters.',
  'Étrange, ça: 日本 😀?',
];
const context: ModelContext = { signal: new AbortController().signal, advance: () => undefined };
const GREEDY: GenerateSettings = { maxTokens: 24, temperature: 0 };

const chat = (content: string): ModelPrompt => ({
  form: 'chat',
  messages: [{ role: 'user', content }],
});
const model = (folder: string, options: object = {}): Model =>
  createInstance('model', Onnx, { folder, ...options });
const values = <T>(outcomes: readonly Outcome<T>[] | undefined): readonly T[] =>
  (outcomes ?? []).map((outcome) => {
    if (!outcome.ok) throw new Error(`${outcome.code} ${outcome.message}`);
    return outcome.value;
  });
const generate = async (
  backend: Model,
  prompts: readonly ModelPrompt[],
  settings: GenerateSettings = GREEDY,
): Promise<readonly (readonly Completion[])[]> =>
  values(await backend.generate?.(prompts, settings, context));
const read = async (
  backend: Model,
  prompts: readonly ModelPrompt[],
): Promise<readonly PromptState[]> =>
  values(await backend.read?.(prompts, { logits: true, hiddenStates: true }, context));
const texts = (all: readonly (readonly Completion[])[]): readonly (readonly string[])[] =>
  all.map((each) => each.map(({ text }) => text));

const using = async <T>(backend: Model, work: (backend: Model) => Promise<T>): Promise<T> => {
  try {
    return await work(backend);
  } finally {
    await backend.close?.();
  }
};

modelContract(Onnx, { options: { folder: WEAK }, queries: QUERIES, tolerance: 1e-4 });

/** The result of transformers.js for a prompt. */
interface Reference {
  readonly ids: readonly number[];
  readonly logits: Float32Array;
  readonly hidden: Float32Array;
  readonly text: string;
}

/**
 * Runs a folder in transformers.js, one prompt at a time: token ids, last logits, mean hidden
 * states, greedy text.
 */
async function references(
  folder: string,
  prompts: readonly string[],
): Promise<readonly Reference[]> {
  const { AutoModelForCausalLM, AutoTokenizer, env } = await import('@huggingface/transformers');
  env.allowRemoteModels = false;
  env.localModelPath = `${resolve(folder, '..')}/`;
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const tokenizer = await AutoTokenizer.from_pretrained(name);
  const backend = await AutoModelForCausalLM.from_pretrained(name, { dtype: 'fp32' });
  try {
    const all: Reference[] = [];
    for (const content of prompts) {
      const inputs = tokenizer.apply_chat_template([{ role: 'user', content }], {
        add_generation_prompt: true,
        return_dict: true,
      }) as { readonly input_ids: { readonly data: BigInt64Array } };
      const forward = (await backend(inputs)) as Readonly<
        Record<string, { readonly dims: readonly number[]; readonly data: Float32Array }>
      >;
      const { logits, hidden_states: states } = forward;
      if (logits === undefined || states === undefined)
        throw new Error('the graph gives no logits or hidden states');
      const [vocabulary, [, layers, tokens, dim]] = [
        logits.dims[2] ?? 0,
        states.dims as readonly [number, number, number, number],
      ];
      const hidden = Float32Array.from({ length: layers * dim }, (_, at) => {
        let sum = 0;
        for (let token = 0; token < tokens; token++)
          sum += states.data[(Math.floor(at / dim) * tokens + token) * dim + (at % dim)] as number;
        return sum / tokens;
      });
      const written = (await backend.generate({
        ...inputs,
        max_new_tokens: GREEDY.maxTokens,
        do_sample: false,
      } as never)) as unknown as { readonly data: BigInt64Array };
      const answer = [...written.data].slice(inputs.input_ids.data.length).map(Number);
      all.push({
        ids: [...inputs.input_ids.data].map(Number),
        logits: logits.data.slice(-vocabulary),
        hidden,
        text: tokenizer.decode(answer, {
          skip_special_tokens: true,
          clean_up_tokenization_spaces: false,
        }),
      });
    }
    return all;
  } finally {
    await backend.dispose();
  }
}

const farthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))),
    a.length === b.length ? 0 : Infinity,
  );

describe('onnx', () => {
  for (const folder of [WEAK, STRONG]) {
    it(`agrees with transformers.js on ${folder.slice(folder.lastIndexOf('/') + 1)}: tokens, logits, hidden states, greedy texts`, async () => {
      const wanted = await references(folder, QUERIES);
      await using(model(folder), async (backend) => {
        const states = await read(backend, QUERIES.map(chat));
        const written = await generate(backend, QUERIES.map(chat));
        wanted.forEach(({ ids, logits, hidden, text }, i) => {
          expect(written[i]?.[0]?.promptTokens, QUERIES[i]).to.equal(ids.length);
          expect(farthest(states[i]?.logits ?? new Float32Array(), logits), QUERIES[i]).to.be.below(
            1e-3,
          );
          expect(
            farthest(states[i]?.hiddenStates ?? new Float32Array(), hidden),
            QUERIES[i],
          ).to.be.below(1e-3);
          expect(written[i]?.[0]?.text, QUERIES[i]).to.equal(text);
        });
      });
    });
  }

  it('returns the same hidden states if its graph has no outputs for them', async () => {
    await inTemporaryFolder(async (folder) => {
      await cp(WEAK, folder, { recursive: true });
      const file = join(folder, 'onnx/model.onnx');
      await writeFile(
        file,
        withoutOutputs(await readFile(file), (name) => name === 'hidden_states'),
      );
      const states = async (at: string): Promise<readonly PromptState[]> =>
        await using(
          model(at, { workers: 1 }),
          async (backend) => await read(backend, QUERIES.map(chat)),
        );
      const [wanted, given] = [await states(WEAK), await states(folder)];
      wanted.forEach(({ hiddenStates = new Float32Array(0) }, i) =>
        expect(farthest(given[i]?.hiddenStates ?? new Float32Array(0), hiddenStates)).to.be.below(
          1e-5,
        ),
      );
    });
  });

  it('samples from the seed: another seed gives other texts, and tokens are drawn with their probability', async () => {
    await using(model(WEAK), async (backend) => {
      const prompts = QUERIES.slice(0, 4).map(chat);
      const draw = (
        seed: number,
        n = 4,
        temperature = 1,
      ): Promise<readonly (readonly Completion[])[]> =>
        generate(backend, prompts, { maxTokens: 8, temperature, n, seed });
      expect(texts(await draw(1))).to.deep.equal(texts(await draw(1)));
      expect(texts(await draw(1))).not.to.deep.equal(texts(await draw(2)));

      // 2,000 draws of one token against the softmax of the logits: 5 standard deviations for the
      // likeliest token
      const n = 2000;
      const [prompt] = prompts as [ModelPrompt];
      const [state] = await read(backend, [prompt]);
      const logits = state?.logits ?? new Float32Array();
      const top = Math.max(...logits);
      const share = 1 / logits.reduce((sum, z) => sum + Math.exp(z - top), 0);
      const [drawn] = await generate(backend, [prompt], {
        maxTokens: 1,
        temperature: 1,
        n,
        seed: 3,
      });
      const [likeliest] = await generate(backend, [prompt], { maxTokens: 1, temperature: 0 });
      const seen = (drawn ?? []).filter(({ text }) => text === likeliest?.[0]?.text).length / n;
      expect(Math.abs(seen - share)).to.be.below(5 * Math.sqrt((share * (1 - share)) / n) + 1e-9);
    });
  });

  it('samples within the nucleus: with a tiny topP every sample is the greedy text', async () => {
    await using(model(WEAK), async (backend) => {
      const [drawn] = await generate(backend, [chat(QUERIES[1] as string)], {
        ...GREEDY,
        temperature: 1,
        topP: 1e-6,
        n: 5,
        seed: 1,
      });
      const [greedy] = await generate(backend, [chat(QUERIES[1] as string)]);
      expect(new Set((drawn ?? []).map(({ text }) => text))).to.deep.equal(
        new Set([greedy?.[0]?.text]),
      );
    });
  });

  it('ends at a stop string, and leaves it out', async () => {
    await using(model(STRONG), async (backend) => {
      const prompt = chat('Write "kolibri" in uppercase.');
      const [whole] = await generate(backend, [prompt]);
      const text = whole?.[0]?.text ?? '';
      expect(text.length).to.be.greaterThan(3);
      const stop = text.slice(2, 4);
      const [cut] = await generate(backend, [prompt], { ...GREEDY, stop: [stop] });
      expect(cut?.[0]).to.include({ text: text.slice(0, text.indexOf(stop)), finish: 'stop' });
    });
  });

  it('returns the log-probability of each choice: one token as in the softmax, several as their sum', async () => {
    await using(model(WEAK), async (backend) => {
      const prompt = chat(QUERIES[2] as string);
      const [state] = await read(backend, [prompt]);
      const logits = state?.logits ?? new Float32Array();
      const top = Math.max(...logits);
      const norm = top + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - top), 0));
      const letters = ['A', 'B', 'C', 'D'];
      const [single] = values(await backend.choose?.([prompt], letters, context));
      const best = Math.max(...(single ?? []));
      expect([...logits].some((z) => Math.abs(z - norm - best) < 1e-4)).to.equal(true);
      const [greedy] = await generate(backend, [prompt], { maxTokens: 3, temperature: 0 });
      const answer = greedy?.[0];
      if (answer?.finish === 'length') {
        const [chosen] = values(await backend.choose?.([prompt], [answer.text], context));
        expect(chosen?.[0]).to.be.closeTo(
          answer.tokenLogprobs.reduce((a, b) => a + b, 0),
          1e-3,
        );
      }
    });
  });

  it('returns the same for any number of threads, workers and rows per batch', async () => {
    const wanted = await using(model(WEAK), async (backend) =>
      texts(await generate(backend, QUERIES.map(chat))),
    );
    for (const options of [
      { workers: 1, threads: 2 },
      { workers: 2, batchSize: 1 },
      { batchSize: 3 },
    ]) {
      await using(model(WEAK, options), async (backend) =>
        expect(texts(await generate(backend, QUERIES.map(chat)))).to.deep.equal(wanted),
      );
    }
  });

  it('cuts a long prompt inside the message, and counts it', async () => {
    await using(model(WEAK, { maxPromptTokens: 16 }), async (backend) => {
      const [cut] = await generate(backend, [chat('What is 1 + 1? '.repeat(40))]);
      expect(cut?.[0]?.promptTokens).to.equal(16);
      expect((await backend.info()).notes).to.include({ promptsCut: 1 });
    });
  });

  it('has a fingerprint of everything that decides its output, and of nothing else', async () => {
    await inTemporaryFolder(async (folder) => {
      const at = (name: string): string => join(folder, name);
      await cp(WEAK, at('copy'), { recursive: true });
      const getFingerprint = async (options: object, path = at('copy')): Promise<string> =>
        (await model(path, options).info()).fingerprint;
      const backend = await getFingerprint({}, WEAK);
      expect(await getFingerprint({})).to.equal(backend);
      expect(await getFingerprint({ threads: 1, workers: 1 })).to.equal(backend);
      for (const other of [
        { maxPromptTokens: 100 },
        { system: 'Be brief.' },
        { chatTemplate: "{{ messages[0]['content'] }}" },
      ])
        expect(await getFingerprint(other)).not.to.equal(backend);
      await writeFile(at('copy/generation_config.json'), '{ "eos_token_id": 3 }');
      expect(await getFingerprint({})).not.to.equal(backend);
    });
  });

  const broken: readonly (readonly [string, (folder: string) => Promise<unknown>, string])[] = [
    ['is not there', (folder) => rm(folder, { recursive: true }), 'does not exist'],
    [
      'is a file',
      async (folder) => {
        await rm(folder, { recursive: true });
        await writeFile(folder, 'x');
      },
      'not a folder',
    ],
    ['has no config.json', (folder) => rm(join(folder, 'config.json')), 'config.json is missing'],
    [
      'has a broken config.json',
      (folder) => writeFile(join(folder, 'config.json'), '{ "model_type": '),
      'config.json is not JSON',
    ],
    [
      'has no tokenizer',
      (folder) => rm(join(folder, 'tokenizer.json')),
      'tokenizer.json is missing',
    ],
    [
      'has a tokenizer of an unknown kind',
      (folder) => writeFile(join(folder, 'tokenizer.json'), '{ "model": { "type": "Unheard" } }'),
      'tokenizer.json cannot be used',
    ],
    ['has no model', (folder) => rm(join(folder, 'onnx'), { recursive: true }), 'onnx/model.onnx'],
    [
      'has a Git LFS pointer for a model',
      (folder) =>
        writeFile(
          join(folder, 'onnx/model.onnx'),
          'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 4\n',
        ),
      'Git LFS pointer',
    ],
    [
      'has bytes that are no model',
      (folder) => writeFile(join(folder, 'onnx/model.onnx'), 'not a model at all'),
      'onnx/model.onnx',
    ],
    [
      'has no chat template it can parse',
      (folder) => writeFile(join(folder, 'chat_template.jinja'), '{% for x in %}'),
      'chat template cannot be parsed',
    ],
  ];
  for (const [what, harm, words] of broken) {
    it(`rejects a folder that ${what}: RXB4001 naming it`, async () => {
      await inTemporaryFolder(async (parent) => {
        const folder = join(parent, 'model');
        await cp(WEAK, folder, { recursive: true });
        await harm(folder);
        const error = (await rejection(model(folder).info())) as HarnessError;
        expect(error.code).to.equal('RXB4001');
        expect(error.problem).to.include(folder).and.to.include(words);
      });
    });
  }

  it('rejects a model file with truncated weights when it is opened: RXB4001', async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'onnx'), { recursive: true });
      await cp(WEAK, folder, { recursive: true });
      const bytes = await readFile(join(folder, 'onnx/model.onnx'));
      await writeFile(
        join(folder, 'onnx/model.onnx'),
        bytes.subarray(0, Math.floor(bytes.length / 2)),
      );
      const error = await rejection(
        using(model(folder), (backend) => generate(backend, [chat('What is 1 + 1?')])),
      );
      expect(error.code, pathToFileURL(folder).href).to.equal('RXB4001');
    });
  });

  it('rejects a device that this machine does not have: RXB4006', async () => {
    const error = await rejection(
      using(model(WEAK, { device: 'cuda' }), (backend) =>
        generate(backend, [chat('What is 1 + 1?')]),
      ),
    );
    expect(error.code).to.equal('RXB4006');
  });

  it('stops soon after it was told to', async () => {
    await using(model(STRONG), async (backend) => {
      const stop = new AbortController();
      const prompts = Array.from({ length: 400 }, (_, i) =>
        chat(`Write "kolibri" backwards in capital letters, ${i} times.`),
      );
      let finished = 0;
      const running = rejection(
        Promise.resolve(
          backend.generate?.(
            prompts,
            { maxTokens: 200, temperature: 1, seed: 1 },
            {
              signal: stop.signal,
              advance: (more) => {
                finished += more;
                stop.abort(new Error('enough'));
              },
            },
          ),
        ),
      );
      expect((await running).message).to.equal('enough');
      expect(finished).to.be.below(prompts.length);
    });
  });
});

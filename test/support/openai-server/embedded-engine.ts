/** The embedded models as the engine of the conformance server. */
import { basename } from 'node:path';
import type { ModelPrompt } from '../../../core/index.js';
import type { DecodeJob, Decoded } from '../../../plugins/models/_onnx/decode.js';
import { openFolder, type Opened } from '../../../plugins/models/_onnx/open-model.js';
import { OnnxOptions } from '../../../plugins/models/_onnx/options.js';
import { logSumExp } from '../../../plugins/models/_onnx/pick-file.js';
import { encodePrompt, type PromptEncoder } from '../../../plugins/models/_onnx/prompt.js';
import { makePromptEncoder } from '../../../plugins/models/_onnx/prompt-encoder.js';
import { readSettings } from '../../../plugins/models/_onnx/folder.js';
import { runBatches } from '../../../plugins/models/_onnx/run-batches.js';
import type { Engine, Start, Writing, Written, WrittenToken } from './engine.js';
import { stateReader } from './hidden-states.js';

type Ids = readonly number[];
const limits = (rows: number): Parameters<typeof runBatches>[3] => ({
  rows,
  cells: () => 0,
  maxCells: Infinity,
  equalLengths: false,
});

/** Requests with the same settings that wait at the same time are computed together. */
class Gathered<T> {
  readonly #waiting = new Map<
    string,
    {
      readonly ids: Ids;
      readonly resolve: (value: T) => void;
      readonly reject: (error: unknown) => void;
    }[]
  >();

  constructor(
    private readonly compute: (key: string, prompts: readonly Ids[]) => Promise<readonly T[]>,
  ) {}

  async add(key: string, ids: Ids): Promise<T> {
    return await new Promise((resolve, reject) => {
      const queue = this.#waiting.get(key);
      if (queue !== undefined) return void queue.push({ ids, resolve, reject });
      this.#waiting.set(key, [{ ids, resolve, reject }]);
      setTimeout(() => {
        const all = this.#waiting.get(key) ?? [];
        this.#waiting.delete(key);
        this.compute(
          key,
          all.map((one) => one.ids),
        ).then(
          (values) => all.forEach((one, i) => one.resolve(values[i] as T)),
          (error: unknown) => all.forEach((one) => one.reject(error)),
        );
      }, 2);
    });
  }
}

type Kind = 'decode' | 'read' | 'embed';

/** Runs a batch of prompts of any kind; fails if one of them does. */
async function runAll(
  { model }: Opened,
  kind: Kind,
  prompts: readonly Ids[],
  job: (prompts: readonly Ids[]) => object,
  rows = 32,
): Promise<readonly unknown[]> {
  const outcomes = await runBatches(
    model,
    kind,
    prompts.map((ids) => ({ ok: true, ids, cut: false })),
    limits(rows),
    job as (prompts: readonly Ids[]) => never,
    { signal: new AbortController().signal, advance: () => undefined },
  );
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw new Error(outcome.message);
    return outcome.value;
  });
}

/** A model folder; `encoder`: another one for embeddings. */
export async function embeddedEngine(folder: string, encoderFolder?: string): Promise<Engine> {
  const open = async (path: string): Promise<Opened> =>
    await openFolder(path, OnnxOptions.parse({ folder: path }));
  const opened = await open(folder);
  const embedding = encoderFolder === undefined ? undefined : await open(encoderFolder);
  const encoder = async ({ limit }: Opened, path: string): Promise<PromptEncoder> =>
    await makePromptEncoder(readSettings(path), OnnxOptions.parse({ folder: path }), limit);
  const model = new EmbeddedModel(opened, await encoder(opened, folder));
  let states: ReturnType<typeof stateReader> | undefined;
  return {
    models: [basename(folder)],
    write: async (start, writing) => await model.write(start, writing),
    promptLogprobs: async (start) => await model.promptLogprobs(start),
    hiddenStates: async (start) =>
      await (await (states ??= stateReader(opened))).read(model.encode(start)),
    ...(embedding === undefined ? {} : { embed: embedWith(embedding) }),
    close: async () => {
      await Promise.all([
        opened.model.close(),
        opened.coder.close(),
        embedding?.model.close(),
        embedding?.coder.close(),
        states?.then(async (reader) => await reader.close()),
      ]);
    },
  };
}

function embedWith(encoder: Opened): NonNullable<Engine['embed']> {
  const vectors = new Gathered<Float32Array>(
    async (_key, prompts) =>
      (await runAll(encoder, 'embed', prompts, (ids) => ({ prompts: ids }))) as Float32Array[],
  );
  return async (text) => {
    const [encoded] = await encoder.coder.encodeTexts([text]);
    if (encoded?.ok !== true) throw new RangeError(encoded?.problem);
    return { vector: await vectors.add('', encoded.ids), tokens: encoded.ids.length };
  };
}

/** Writes texts and scores prompts with a decoder. */
class EmbeddedModel {
  readonly #decode: Gathered<readonly Decoded[]>;
  readonly #logits: Gathered<Float32Array>;

  constructor(
    opened: Opened,
    private readonly encoder: PromptEncoder,
  ) {
    this.#decode = new Gathered(async (key, prompts) => {
      const job = JSON.parse(key) as Omit<DecodeJob, 'prompts'>;
      const rows = Math.max(1, Math.floor(32 / job.copies));
      return (await runAll(
        opened,
        'decode',
        prompts,
        (ids) => ({ ...job, prompts: ids }),
        rows,
      )) as readonly (readonly Decoded[])[];
    });
    this.#logits = new Gathered(async (_key, prompts) => {
      const job = (ids: readonly Ids[]) => ({ prompts: ids, logits: true, hiddenStates: false });
      const states = await runAll(opened, 'read', prompts, job);
      return (states as readonly { readonly logits: Float32Array }[]).map(({ logits }) => logits);
    });
  }

  encode(start: Start): Ids {
    const { encoder } = this;
    if (start.form === 'text') return encoder.tokenizer.encode(start.text, true);
    const messages = start.continueLast ? start.messages.slice(0, -1) : start.messages;
    const encoded = encodePrompt(encoder, { form: 'chat', messages } as ModelPrompt);
    if (!encoded.ok) throw new RangeError(encoded.problem);
    if (!start.continueLast) return encoded.ids;
    const last = start.messages.at(-1)?.content ?? '';
    return [...encoded.ids, ...encoder.tokenizer.encode(last, false)];
  }

  async write(start: Start, { n, top, ...writing }: Writing): ReturnType<Engine['write']> {
    const ids = this.encode(start);
    const texts = await this.#decode.add(JSON.stringify({ copies: n, ...writing }), ids);
    return {
      promptTokens: ids.length,
      texts: await Promise.all(texts.map((text) => this.#written(ids, text, top))),
    };
  }

  async promptLogprobs(
    start: Start,
  ): Promise<readonly { readonly id: number; readonly logprob: number | null }[]> {
    const ids = this.encode(start);
    const [first, ...forced] = ids;
    const job = {
      copies: 1,
      maxTokens: forced.length,
      temperature: 0,
      topP: 1,
      seed: 0,
      stop: [],
      forced: [forced],
    };
    const [scored] =
      forced.length === 0 ? [] : await this.#decode.add(JSON.stringify(job), [first as number]);
    return ids.map((id, i) => ({
      id,
      logprob: i === 0 ? null : (scored?.logprobs[i - 1] ?? null),
    }));
  }

  async #written(
    prompt: Ids,
    { tokens, logprobs, finish, stopped }: Decoded,
    top: number,
  ): Promise<Written> {
    const { tokenizer } = this.encoder;
    const describe = async (logprob: number, i: number): Promise<WrittenToken> => {
      const id = tokens[i];
      return {
        text: id === undefined ? '</s>' : tokenizer.decode([id]),
        logprob,
        top: top === 0 ? [] : await this.#likeliest([...prompt, ...tokens.slice(0, i)], top),
      };
    };
    return {
      text: stopped ?? tokenizer.decode(tokens),
      finish,
      tokens: await Promise.all(Array.from(logprobs, describe)),
    };
  }

  async #likeliest(ids: Ids, top: number): Promise<WrittenToken['top']> {
    const { tokenizer } = this.encoder;
    const values = await this.#logits.add('', ids);
    const norm = logSumExp(values);
    return Array.from(values.keys())
      .sort((a, b) => (values[b] as number) - (values[a] as number))
      .slice(0, top)
      .map((id) => ({ text: tokenizer.decode([id]), logprob: (values[id] as number) - norm }));
  }
}

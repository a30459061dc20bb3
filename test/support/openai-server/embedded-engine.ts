/** The embedded models as the engine of the conformance server. */
import { basename } from 'node:path';
import type { ModelPrompt } from '../../../core/index.js';
import type { DecodeJob, Decoded } from '../../../plugins/models/_onnx/decode.js';
import { openFolder, type Opened } from '../../../plugins/models/_onnx/open-model.js';
import { OnnxOptions } from '../../../plugins/models/_onnx/options.js';
import { logSumExp } from '../../../plugins/models/_onnx/pick-file.js';
import { encodePrompt, encodeText } from '../../../plugins/models/_onnx/prompt.js';
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

/** A model folder; `encoder`: another one for embeddings. */
export async function embeddedEngine(folder: string, encoder?: string): Promise<Engine> {
  const opened = await openFolder(folder, OnnxOptions.parse({ folder }));
  const embedding =
    encoder === undefined
      ? undefined
      : await openFolder(encoder, OnnxOptions.parse({ folder: encoder }));
  const all = async <Kind extends 'decode' | 'read' | 'embed'>(
    of: Opened,
    kind: Kind,
    prompts: readonly Ids[],
    job: (prompts: readonly Ids[]) => never,
    rows = 32,
  ): Promise<readonly unknown[]> =>
    (
      await runBatches(
        of.pool,
        kind,
        prompts.map((ids) => ({ ok: true, ids, cut: false })),
        limits(rows),
        job,
        { signal: new AbortController().signal, advance: () => undefined },
      )
    ).map((outcome) => {
      if (!outcome.ok) throw new Error(outcome.message);
      return outcome.value;
    });
  const decode = new Gathered<readonly Decoded[]>(async (key, prompts) => {
    const job = JSON.parse(key) as Omit<DecodeJob, 'prompts'>;
    return (await all(
      opened,
      'decode',
      prompts,
      (ids) => ({ ...job, prompts: ids }) as never,
      Math.max(1, Math.floor(32 / job.copies)),
    )) as readonly (readonly Decoded[])[];
  });
  const logits = new Gathered<Float32Array>(async (_key, prompts) => {
    const states = (await all(
      opened,
      'read',
      prompts,
      (ids) => ({ prompts: ids, logits: true, hiddenStates: false }) as never,
    )) as readonly { readonly logits: Float32Array }[];
    return states.map((state) => state.logits);
  });
  const embed = new Gathered<Float32Array>(
    async (_key, prompts) =>
      (await all(
        embedding as Opened,
        'embed',
        prompts,
        (ids) => ({ prompts: ids }) as never,
      )) as readonly Float32Array[],
  );

  const { tokenizer } = opened.encoder;
  const encode = (start: Start): Ids => {
    if (start.form === 'text') return tokenizer.encode(start.text, true);
    const messages = start.continueLast ? start.messages.slice(0, -1) : start.messages;
    const encoded = encodePrompt(opened.encoder, { form: 'chat', messages } as ModelPrompt);
    if (!encoded.ok) throw new RangeError(encoded.problem);
    return start.continueLast
      ? [...encoded.ids, ...tokenizer.encode(start.messages.at(-1)?.content ?? '', false)]
      : encoded.ids;
  };
  const likeliest = async (ids: Ids, top: number): Promise<WrittenToken['top']> => {
    const values = await logits.add('', ids);
    const norm = logSumExp(values);
    const order = Array.from(values.keys()).sort(
      (a, b) => (values[b] as number) - (values[a] as number),
    );
    return order
      .slice(0, top)
      .map((id) => ({ text: tokenizer.decode([id]), logprob: (values[id] as number) - norm }));
  };
  const written = async (
    prompt: Ids,
    { tokens, logprobs, finish, stopped }: Decoded,
    top: number,
  ): Promise<Written> => ({
    text: stopped ?? tokenizer.decode(tokens),
    finish,
    tokens: await Promise.all(
      logprobs.map(async (logprob, i) => {
        const id = tokens[i];
        return {
          text: id === undefined ? '</s>' : tokenizer.decode([id]),
          logprob,
          top: top === 0 ? [] : await likeliest([...prompt, ...tokens.slice(0, i)], top),
        };
      }),
    ),
  });
  let states: ReturnType<typeof stateReader> | undefined;
  return {
    models: [basename(folder)],
    write: async (start, { n, top, ...writing }: Writing) => {
      const ids = encode(start);
      const texts = await decode.add(JSON.stringify({ copies: n, ...writing }), ids);
      return {
        promptTokens: ids.length,
        texts: await Promise.all(texts.map((text) => written(ids, text, top))),
      };
    },
    promptLogprobs: async (start) => {
      const ids = encode(start);
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
        forced.length === 0 ? [] : await decode.add(JSON.stringify(job), [first as number]);
      return ids.map((id, i) => ({
        id,
        logprob: i === 0 ? null : (scored?.logprobs[i - 1] ?? null),
      }));
    },
    hiddenStates: async (start) =>
      await (await (states ??= stateReader(opened))).read(encode(start)),
    ...(embedding === undefined
      ? {}
      : {
          embed: async (text: string) => {
            const encoded = encodeText(embedding.encoder, text);
            if (!encoded.ok) throw new RangeError(encoded.problem);
            return { vector: await embed.add('', encoded.ids), tokens: encoded.ids.length };
          },
        }),
    close: async () =>
      void (await Promise.all([
        opened.pool.close(),
        embedding?.pool.close(),
        states?.then(async (reader) => await reader.close()),
      ])),
  };
}

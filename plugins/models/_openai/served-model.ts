import { createHash } from 'node:crypto';
import {
  HarnessError,
  type CallRecord,
  type Completion,
  type GenerateSettings,
  type JsonObject,
  type Logger,
  type Model,
  type ModelAbility,
  type ModelInfo,
  type ModelContext,
  type ModelPrompt,
  type Outcome,
  type PromptState,
  type Secrets,
} from '../../../core/index.js';
import { baseUrls, validateBoth } from './base-urls.js';
import { Client, together, withCalls, type Answered } from './client.js';
import { parseEmbedding } from './embeddings.js';
import { chosenFirst, largest } from './first-token.js';
import { getLayers, pooledStates, requireStatesFolder } from './hidden-states.js';
import { SharedFolder } from './shared-folder.js';
import type { OpenAiOptions } from './options.js';
import { continuation, promptLogprobs } from './prompt-logprobs.js';
import { RequestWriter } from './request.js';
import { RequestFiles } from './request-files.js';
import { serverError } from './server-error.js';
import { secretHeaders } from './secret-headers.js';
import { ServerPool } from './server-pool.js';
import { parseCompletions } from './texts.js';
import { ModelError } from '../_errors.js';

/** Increase it when this code would send another request, or read a reply differently. */
const REVISION = 1;

interface Connection {
  readonly pool: ServerPool;
  readonly files: RequestFiles | undefined;
  /** Whether the folder of hidden states holds nothing else. */
  readonly checked: Promise<void>;
  readonly client: Client;
}

/** A model on servers of the OpenAI protocol. */
export class ServedModel implements Model {
  readonly #writer: RequestWriter;
  #connection: Connection | undefined;
  #warned = false;
  /** Reasons to end that were warned of. */
  readonly #reasons = new Set<string>();
  /** Texts that the server gave at once where it gave fewer than it was asked for. */
  #mostTexts = Infinity;

  /**
   * `identity` decides its replies in addition to the options, and `backend` is the recorded name.
   */
  constructor(
    private readonly options: OpenAiOptions,
    private readonly secrets: Secrets,
    private readonly logger: Logger,
    private readonly kind: { readonly backend: string; readonly identity?: JsonObject } = {
      backend: 'openai',
    },
  ) {
    this.#writer = new RequestWriter(options);
  }

  /**
   * Called before the first request: a backend that manages its servers makes sure that they run.
   */
  protected ready(_signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Fails all requests in flight and all later ones with this error: no server will reply any more.
   */
  protected giveUp(error: Error): void {
    this.#connection?.pool.giveUp(error);
  }

  /**
   * Sends no request;
   * @throws HarnessError RXB1004 if a key is not set.
   */
  info(): Promise<ModelInfo> {
    this.#connect();
    const { model, concurrency, embedding, hiddenStates: states } = this.options;
    const can = this.#abilities();
    return Promise.resolve({
      name: model,
      fingerprint: this.#fingerprint(),
      can,
      ...(can.includes('top-logprobs') ? { topLogprobs: this.options.topLogprobs } : {}),
      ...(states === undefined
        ? {}
        : {
            hiddenStates: {
              indices: getLayers(states),
              dim: states.dim,
              ...(getLayers(states).includes(states.depth) ? { unnormalised: [states.depth] } : {}),
            },
          }),
      ...(embedding === undefined ? {} : { embedding }),
      remote: {
        concurrency: concurrency * this.#urls().length,
        servers: createHash('sha256').update(JSON.stringify(this.#urls())).digest('hex'),
      },
      notes: { backend: this.kind.backend, servers: this.#urls().length } satisfies JsonObject,
    });
  }

  /** One request per prompt, or several if the server accepts fewer texts at once. */
  async generate(
    prompts: readonly ModelPrompt[],
    settings: GenerateSettings,
    context: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> {
    const { client } = await this.#open(context);
    return await client.each(prompts, context, async (prompt) => {
      const texts: Completion[] = [];
      const calls: CallRecord[] = [];
      const n = settings.n ?? 1;
      // Greedy texts of one prompt are all the same.
      const wanted = settings.temperature > 0 ? n : 1;
      while (texts.length < wanted) {
        const part = this.#part(settings, wanted - texts.length, calls.length);
        const { value, call } = await client
          .ask(this.#writer.generate(prompt, part), after(calls, context), (reply, usage) =>
            parseCompletions(reply, part.n, usage, this.#warnReason),
          )
          .catch((error: unknown) => Promise.reject(withCalls(error, calls)));
        if (value.length < part.n) this.#mostTexts = value.length; // it ignores `n`
        texts.push(...value);
        calls.push(call);
      }
      this.#warnSilent(texts);
      return {
        ok: true,
        value: Array.from({ length: n }, (_, at) => texts[at % texts.length] as Completion),
        call: together(calls),
      };
    });
  }

  /**
   * The largest log-probabilities of the first token, and the hidden states of the prompt that the
   * server has written.
   */
  async read(
    prompts: readonly ModelPrompt[],
    wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
    context: ModelContext,
  ): Promise<readonly Outcome<PromptState>[]> {
    const { client, files } = await this.#open(context);
    const { hiddenStates: states, model, topLogprobs } = this.options;
    if (wanted.hiddenStates && states === undefined)
      throw new HarnessError('brokenBackend', {
        model,
        problem: 'it returned no hidden states, although they were requested',
      });
    const k = wanted.logits ? topLogprobs : 0;
    return await client.each(prompts, context, async (prompt) => {
      const { value, call } = await client.ask(
        this.#writer.firstToken(prompt, k),
        context,
        async (reply) => ({
          ...(wanted.logits ? { logits: largest(reply, k) } : {}),
          ...(wanted.hiddenStates && states !== undefined && files !== undefined
            ? {
                hiddenStates: await pooledStates(
                  reply,
                  model,
                  states,
                  files.shared,
                  context.signal,
                ),
              }
            : {}),
        }),
      );
      return { ok: true, value, call };
    });
  }

  /** Log-probability of each choice, from the source that the options name. */
  async choose(
    prompts: readonly ModelPrompt[],
    choices: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    const { client } = await this.#open(context);
    if (this.options.choices === 'prompt-logprobs')
      return await client.each(prompts, context, (prompt) =>
        this.#continue(client, prompt, choices, context),
      );
    const k = Math.max(this.options.topLogprobs, choices.length);
    return await client.each(prompts, context, async (prompt) => {
      const { value, call } = await client.ask(
        this.#writer.firstToken(prompt, k),
        context,
        (reply) => chosenFirst(reply, choices),
      );
      return { ok: true, value, call };
    });
  }

  /** One vector per text. */
  async embed(
    texts: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    const { client } = await this.#open(context);
    const { model, embedding } = this.options;
    const dim = embedding?.dim ?? 0;
    return await client.each(texts, context, async (input) => {
      const { value, call } = await client.ask(
        { path: '/embeddings', body: { model, input, encoding_format: 'float' } },
        context,
        (reply) => parseEmbedding(reply, dim),
      );
      return { ok: true, value, call };
    });
  }

  /** Requests the list of models of every server. */
  async check(signal: AbortSignal): Promise<string> {
    const { pool } = this.#connect();
    const { model, servedAs } = this.options;
    const seen = await pool.look(signal);
    const failed = seen.find(({ failure }) => failure !== null);
    if (failed?.failure) throw serverError(model, failed.url, failed.failure);
    const lacking = seen.find(
      ({ models }) =>
        models !== null && ![model, ...servedAs].some((name) => models.includes(name)),
    );
    if (lacking !== undefined)
      throw new ModelError('modelNotServed', {
        model,
        problem: `${lacking.url} lists ${lacking.models?.slice(0, 5).join(', ') ?? 'none'}`,
      });
    return `${model} at ${seen.map(({ url, models }) => `${url}${models === null ? ' (it lists no models)' : ''}`).join(', ')}`;
  }

  /** Closes every connection; requests in flight fail. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.pool.close();
    await connection?.files?.close();
  }

  async #open({ signal }: ModelContext): Promise<Connection> {
    const connection = this.#connect();
    await connection.checked;
    await this.ready(signal);
    return connection;
  }

  #urls(): readonly string[] {
    return baseUrls(this.options, this.secrets, this.kind.backend);
  }

  #connect(): Connection {
    if (this.#connection !== undefined) return this.#connection;
    const { model, concurrency, patienceSeconds, longestWaitSeconds, longestReplyMiB } =
      this.options;
    const [urls, headers] = validateBoth(
      () => this.#urls(),
      () => secretHeaders(this.options, this.secrets),
    );
    const pool = new ServerPool(
      {
        model,
        urls,
        concurrency,
        patienceMs: 1000 * patienceSeconds,
        longestWaitMs: 1000 * longestWaitSeconds,
        mostBytes: 2 ** 20 * longestReplyMiB,
        onWait: (seconds, reason) =>
          this.logger.warn(`waiting ${seconds} s, as the server of ${model} asks: ${reason}`),
      },
      headers,
    );
    const files =
      this.options.hiddenStates === undefined
        ? undefined
        : new RequestFiles(new SharedFolder(this.options.hiddenStates.folder));
    const { hiddenStates } = this.options;
    const checked =
      files === undefined || hiddenStates === undefined
        ? Promise.resolve()
        : requireStatesFolder(files.shared, hiddenStates.folder);
    checked.catch(() => undefined); // thrown by every call that waits for it
    this.#connection = { pool, files, checked, client: new Client(this.options, pool, files) };
    return this.#connection;
  }

  #abilities(): readonly ModelAbility[] {
    const { generates, choices, topLogprobs, embedding, hiddenStates } = this.options;
    return [
      ...(generates ? (['generate'] as const) : []),
      ...(generates && topLogprobs > 0 ? (['top-logprobs'] as const) : []),
      ...(generates &&
      (choices === 'prompt-logprobs' || (choices === 'first-token' && topLogprobs > 0))
        ? (['choice-logprobs'] as const)
        : []),
      ...(generates && hiddenStates !== undefined ? (['hidden-states'] as const) : []),
      ...(embedding === undefined ? [] : (['embedding'] as const)),
    ];
  }

  /** What decides the replies; where the servers are and how many requests they get does not. */
  #fingerprint(): string {
    const {
      model,
      revision,
      api,
      chatTemplate,
      system,
      extraBody,
      maxTokensField,
      logprobs,
      topLogprobs,
      choices,
      samplesPerRequest,
      embedding,
    } = this.options;
    return createHash('sha256')
      .update(
        JSON.stringify([
          REVISION,
          {
            model,
            revision,
            api,
            chatTemplate,
            system,
            extraBody,
            maxTokensField,
            logprobs,
            topLogprobs,
            choices,
            samplesPerRequest,
            embedding,
            ...this.kind.identity,
          },
        ]),
      )
      .digest('hex');
  }

  /** A request for texts that are still missing; each further request uses its own seed. */
  #part(
    settings: GenerateSettings,
    missing: number,
    requests: number,
  ): GenerateSettings & { readonly n: number } {
    return {
      ...settings,
      n: Math.min(this.options.samplesPerRequest, this.#mostTexts, missing),
      ...(settings.seed === undefined ? {} : { seed: settings.seed + requests }),
    };
  }

  async #continue(
    client: Client,
    prompt: ModelPrompt,
    choices: readonly string[],
    context: ModelContext,
  ): Promise<Outcome<Float32Array>> {
    const ends = await Promise.allSettled(
      ['', ...choices].map((choice) =>
        client.ask(this.#writer.promptLogprobs(prompt, choice), context, promptLogprobs),
      ),
    );
    const [start, ...longer] = ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    }) as [Answered<readonly (number | null)[]>, ...Answered<readonly (number | null)[]>[]];
    return {
      ok: true,
      value: Float32Array.from(longer, ({ value }) => continuation(value, start.value.length)),
      call: together([start, ...longer].map(({ call }) => call)),
    };
  }

  readonly #warnReason = (reason: string): void => {
    if (this.#reasons.size > 0) return;
    this.#reasons.add(reason);
    this.logger.warn(
      `${this.options.model} ends answers with the unknown reason ${JSON.stringify(reason.slice(0, 60))}; they count as complete.`,
    );
  };

  #warnSilent(texts: readonly Completion[]): void {
    if (
      this.#warned ||
      !this.options.logprobs ||
      texts.some(({ text, tokenLogprobs }) => text === '' || tokenLogprobs.length > 0)
    )
      return;
    this.#warned = true;
    this.logger.warn(
      `${this.options.model} gives no log-probabilities of its tokens; set \`logprobs: false\`, and leave out routers that need them.`,
    );
  }
}

/** The context of a further request for a prompt: what came before it is paid. */
const after = (calls: readonly CallRecord[], context: ModelContext): ModelContext =>
  calls.length === 0 || context.admit === undefined
    ? context
    : {
        ...context,
        admit: (paid) =>
          context.admit?.(together([...calls, ...(paid === undefined ? [] : [paid])])),
      };

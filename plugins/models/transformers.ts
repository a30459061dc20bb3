import { createHash } from 'node:crypto';
import {
  FILES,
  HarnessError,
  inject,
  LOGGER,
  model,
  OPTIONS,
  SECRETS,
  type Completion,
  type Files,
  type GenerateSettings,
  type Logger,
  type Model,
  type ModelAbility,
  type ModelInfo,
  type ModelContext,
  type ModelPrompt,
  type Outcome,
  type PromptState,
  type Secrets,
} from '../../core/index.js';
import { failed } from './_onnx/run-batches.js';
import { ServedModel } from './_openai/served-model.js';
import { openFolder, type OpenedFolder } from './_transformers/open-folder.js';
import { TransformersOptions } from './_transformers/options.js';
import { ReadQueue } from './_transformers/queue.js';
import {
  lookForTransformers,
  Reader,
  type ReadBatch,
  type RowReply,
} from './_transformers/reader.js';
import { ModelError } from './_errors.js';

/**
 * A Hugging Face folder read by transformers in a Python process: logits and hidden states; answers
 * come from a server of the same model (docs/models.md).
 */
@model({
  name: 'transformers',
  summary: 'Logits and hidden states of a Hugging Face folder, read by transformers in Python',
  options: TransformersOptions,
})
export class Transformers implements Model {
  readonly #server: ServedModel | undefined;
  readonly #queue: ReadQueue;
  #opened: Promise<OpenedFolder> | undefined;
  #reader: Reader | undefined;
  #starting: Promise<Reader> | undefined;
  #cut = 0;

  constructor(
    @inject(OPTIONS) private readonly options: TransformersOptions,
    @inject(FILES) private readonly files: Files,
    @inject(SECRETS) secrets: Secrets,
    @inject(LOGGER) private readonly logger: Logger,
  ) {
    this.#server =
      options.server === undefined ? undefined : new ServedModel(options.server, secrets, logger);
    this.#queue = new ReadQueue(options, async (batch) => await this.#readBatch(batch));
  }

  /** Reads the folder and hashes its files; Python is not started. */
  async info(): Promise<ModelInfo> {
    const { info } = await this.#open();
    const modelInfo: ModelInfo = {
      ...info,
      can: ['logits', 'hidden-states'],
      notes: { ...info.notes, promptsCut: this.#cut },
    };
    if (this.#server === undefined) return modelInfo;
    const served = await this.#server.info();
    // full logits need more
    const can: readonly ModelAbility[] = [
      ...modelInfo.can,
      ...served.can.filter((ability) => ability !== 'top-logprobs'),
    ];
    const fingerprint = createHash('sha256')
      .update(`${modelInfo.fingerprint} ${served.fingerprint}`)
      .digest('hex');
    return {
      ...modelInfo,
      name: served.name,
      fingerprint,
      can,
      ...(served.embedding === undefined ? {} : { embedding: served.embedding }),
      ...(served.remote === undefined
        ? {}
        : { remote: { ...served.remote, here: ['read'] as const } }),
    };
  }

  /** Logits at the last prompt position and hidden states averaged over the prompt tokens. */
  async read(
    prompts: readonly ModelPrompt[],
    wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
    context: ModelContext,
  ): Promise<readonly Outcome<PromptState>[]> {
    context.signal.throwIfAborted();
    const { coder } = await this.#open();
    const encoded = await coder.encodePrompts(prompts);
    const cut = encoded.filter((prompt) => prompt.ok && prompt.cut).length;
    this.#cut += cut;
    if (cut > 0)
      this.logger.warn(
        `${this.options.folder}: ${cut} of ${prompts.length} prompts were too long and were cut (maxPromptTokens).`,
      );
    let stop = (): void => undefined;
    const stopped = new Promise<never>((_resolve, reject) => {
      stop = () => {
        this.#reader?.stop(context.signal.reason);
        reject(context.signal.reason as Error);
      };
      context.signal.addEventListener('abort', stop, { once: true });
    });
    const all = Promise.all(
      encoded.map(async (prompt) => {
        const outcome = prompt.ok
          ? parseState(await this.#queue.add(prompt.ids, wanted), prompt.ids.length)
          : failed(prompt.problem);
        if (!context.signal.aborted) context.advance(1);
        return outcome;
      }),
    );
    try {
      return await Promise.race([all, stopped]);
    } finally {
      context.signal.removeEventListener('abort', stop);
    }
  }

  /** Answers from the server. */
  async generate(
    prompts: readonly ModelPrompt[],
    settings: GenerateSettings,
    context: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> {
    return await this.#served().generate(prompts, settings, context);
  }

  /** Log-probabilities of choices from the server. */
  async choose(
    prompts: readonly ModelPrompt[],
    choices: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    return await this.#served().choose(prompts, choices, context);
  }

  /** Embeddings from the server. */
  async embed(
    texts: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    return await this.#served().embed(texts, context);
  }

  /** Checks Python, torch, transformers and the server; no weights are loaded. */
  async check(signal: AbortSignal): Promise<string> {
    const { path } = await this.#open();
    const localReport = await lookForTransformers({ python: this.#python(), folder: path }, signal);
    return this.#server === undefined
      ? localReport
      : `${localReport}; ${await this.#server.check(signal)}`;
  }

  /** Stops the Python process, and closes the server's connections. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await Promise.all([this.#reader?.close(), this.#server?.close(), opened?.coder.close()]);
    this.#reader = undefined;
    this.#starting = undefined;
  }

  #open(): Promise<OpenedFolder> {
    this.#opened ??= openFolder(this.files.resolve(this.options.folder), this.options);
    return this.#opened;
  }

  #python(): string {
    const { python } = this.options;
    return python.includes('/') ? this.files.resolve(python) : python;
  }

  #served(): ServedModel {
    if (this.#server === undefined)
      throw new HarnessError('cannotGenerateText', {
        model: this.options.folder,
        backend: 'transformers',
        can: 'reading only (set the option `server` for answers)',
      });
    return this.#server;
  }

  async #readBatch(batch: ReadBatch): Promise<readonly RowReply[]> {
    const reader = await this.#started();
    return await reader.read(batch);
  }

  /**
   * The process with the model, a new one if the last one has exited: one at a time, because
   * weights are large.
   */
  async #started(): Promise<Reader> {
    if (this.#reader?.over === true) this.#starting = undefined;
    return await (this.#starting ??= this.#start());
  }

  async #start(): Promise<Reader> {
    const { path, sizes, pad } = await this.#open();
    const { dtype, device, trustRemoteCode } = this.options;
    const reader = new Reader({
      python: this.#python(),
      folder: path,
      dtype,
      device,
      trustRemoteCode,
      pad,
    });
    this.#reader = reader;
    const ready = await reader.ready();
    this.logger.info(
      `${this.options.folder}: transformers ${ready.transformers}, torch ${ready.torch}, ${ready.device}, ${ready.dtype}`,
    );
    const mismatch = (['layers', 'dim', 'vocabulary'] as const).find(
      (size) => ready[size] !== sizes[size],
    );
    if (mismatch === undefined) return reader;
    const error = new ModelError('transformersModelNotLoaded', {
      folder: path,
      problem: `config.json says ${sizes[mismatch]} ${SIZES[mismatch]}, but the model gives ${ready[mismatch]}`,
    });
    reader.stop(error);
    throw error;
  }
}

const SIZES = {
  layers: 'layers of hidden states',
  dim: 'numbers a hidden state',
  vocabulary: 'tokens',
} as const;

function parseState(reply: RowReply, promptTokens: number): Outcome<PromptState> {
  if ('problem' in reply) return failed(reply.problem);
  const { hidden, logits } = reply;
  const state = {
    ...(logits === undefined ? {} : { logits: decodeFloats(logits) }),
    ...(hidden === undefined ? {} : { hiddenStates: decodeFloats(hidden) }),
  };
  if (Object.values(state).every((values) => values.every(Number.isFinite)))
    return { ok: true, value: state, promptTokens };
  return failed('the model gave values that are not finite numbers');
}

const decodeFloats = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

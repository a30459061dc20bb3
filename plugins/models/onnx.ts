import {
  FILES,
  HarnessError,
  inject,
  LOGGER,
  model,
  OPTIONS,
  type Completion,
  type Files,
  type GenerateSettings,
  type Logger,
  type Model,
  type ModelInfo,
  type ModelContext,
  type ModelPrompt,
  type Outcome,
  type PromptState,
} from '../../core/index.js';
import { onnxFindings } from './_onnx/session.js';
import { MAX_CELLS, type BatchLimits } from './_onnx/batches.js';
import type { DecodeJob, Decoded } from './_onnx/decode.js';
import type { DecoderLayout, EncoderLayout, Layout } from './_onnx/layout.js';
import { openFolder, type Opened } from './_onnx/open-model.js';
import { OnnxOptions } from './_onnx/options.js';
import type { EncodedPrompt } from './_onnx/prompt.js';
import { failed, runBatches } from './_onnx/run-batches.js';
import { ModelError } from './_errors.js';

/**
 * Models in the Hugging Face folder layout, run by onnxruntime in a process of their own: decoders,
 * encoders and text classifiers (docs/models.md).
 */
@model({
  name: 'onnx',
  summary: 'A local model folder in the Hugging Face layout, run on this machine by onnxruntime',
  options: OnnxOptions,
  environment: onnxFindings,
})
export class Onnx implements Model {
  #opened: Promise<Opened> | undefined;
  #cut = 0;

  constructor(
    @inject(OPTIONS) private readonly options: OnnxOptions,
    @inject(FILES) private readonly files: Files,
    @inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Reads the folder and hashes its files; no weights are loaded. `notes.promptsCut` counts the
   * prompts cut so far.
   */
  async info(): Promise<ModelInfo> {
    const { info } = await this.#open();
    return { ...info, notes: { ...info.notes, promptsCut: this.#cut } };
  }

  /**
   * Greedy or sampled texts. A text depends on the seed, the prompt and its index, not on the rest
   * of the block.
   */
  async generate(
    prompts: readonly ModelPrompt[],
    settings: GenerateSettings,
    context: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> {
    const opened = await this.#open();
    const layout = this.#decoder(opened.layout);
    const encoded = await this.#encode(opened, prompts);
    const n = settings.n ?? 1;
    const job: Omit<DecodeJob, 'prompts'> = {
      copies: settings.temperature > 0 ? n : 1,
      maxTokens: settings.maxTokens,
      temperature: settings.temperature,
      topP: settings.topP ?? 1,
      seed: settings.seed ?? 0,
      stop: settings.stop ?? [],
    };
    const limits = this.#decodeLimits(layout, job.copies, job.maxTokens);
    const outcomes = await runBatches(
      opened.model,
      'decode',
      encoded,
      limits,
      (ids) => ({ ...job, prompts: ids }),
      context,
    );
    const written = await decodeTexts(opened, outcomes);
    return outcomes.map((outcome, index) => {
      const prompt = encoded[index];
      if (!outcome.ok || !prompt?.ok) return outcome as Outcome<never>;
      const texts = outcome.value.map((decoded) =>
        completion(written.get(decoded) ?? '', decoded, prompt.ids.length),
      );
      // Greedy texts of one prompt are all the same.
      return {
        ok: true,
        value: Array.from({ length: n }, (_, copy) => texts[copy % texts.length] as Completion),
        promptTokens: prompt.ids.length,
      };
    });
  }

  /** Logits at the last prompt position and hidden states averaged over the prompt tokens. */
  async read(
    prompts: readonly ModelPrompt[],
    wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
    context: ModelContext,
  ): Promise<readonly Outcome<PromptState>[]> {
    const opened = await this.#open();
    const layout = this.#decoder(opened.layout);
    if (wanted.hiddenStates && layout.hidden === undefined)
      throw this.#cannot(
        `its graph has no hidden states: ${layout.noHidden ?? 'it has no outputs for them'}.`,
      );
    if (wanted.hiddenStates) await opened.readyForStates();
    const { hidden } = layout;
    const hiddenCells =
      wanted.hiddenStates && hidden !== undefined ? hidden.indices.length * hidden.dim : 0;
    const limits: BatchLimits = {
      rows: this.options.batchSize,
      cells: (length) => logitCells(layout, length) + length * hiddenCells,
      maxCells: MAX_CELLS,
      equalLengths: layout.equalLengths,
    };
    return runBatches(
      opened.model,
      'read',
      await this.#encode(opened, prompts),
      limits,
      (ids) => ({ ...wanted, prompts: ids }),
      context,
    );
  }

  /**
   * Natural-log probability of each choice as the continuation of the prompt: the sum over the
   * tokens of the choice, tokenized separately. The prompt is read once for all of its choices.
   */
  async choose(
    prompts: readonly ModelPrompt[],
    choices: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    const opened = await this.#open();
    const layout = this.#decoder(opened.layout);
    const forced = await opened.coder.encodeWords(choices);
    const empty = forced.findIndex((ids) => ids.length === 0);
    if (empty >= 0)
      return prompts.map(() => failed(`choice ${empty + 1} of ${choices.length} has no tokens`));
    const longest = Math.max(...forced.map((ids) => ids.length));
    const ofChoices = forced.reduce((sum, ids) => sum + ids.length, 0);
    const job = {
      copies: choices.length,
      maxTokens: longest,
      temperature: 0,
      topP: 1,
      seed: 0,
      stop: [],
      forced,
    };
    const limits = this.#decodeLimits(layout, job.copies, longest);
    const outcomes = await runBatches(
      opened.model,
      'decode',
      await this.#encode(opened, prompts),
      limits,
      (ids) => ({ ...job, prompts: ids }),
      context,
    );
    return outcomes.map((outcome) =>
      outcome.ok
        ? {
            ok: true,
            value: Float32Array.from(outcome.value, ({ logprobs }) =>
              logprobs.reduce((sum, p) => sum + p, 0),
            ),
            promptTokens: (outcome.promptTokens ?? 0) + ofChoices,
          }
        : outcome,
    );
  }

  /** The mean of an encoder's last hidden state over the tokens of each text. */
  async embed(
    texts: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    return await this.#vectors('encoder', texts, context);
  }

  /** The logits of a text classifier. */
  async classify(
    texts: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    return await this.#vectors('classifier', texts, context);
  }

  async #vectors(
    kind: EncoderLayout['kind'],
    texts: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    const opened = await this.#open();
    const { layout } = opened;
    if (layout.kind !== kind)
      throw this.#cannot(
        `${IS[layout.kind]}, not ${kind === 'encoder' ? 'embeddings' : 'the logits of classes'}.`,
      );
    const encoded = this.#count(await opened.coder.encodeTexts(texts));
    const limits: BatchLimits = {
      rows: this.options.batchSize,
      cells: (length) => length * layout.dim,
      maxCells: MAX_CELLS,
      equalLengths: !layout.takesMask,
    };
    return runBatches(opened.model, 'embed', encoded, limits, (ids) => ({ prompts: ids }), context);
  }

  /** Frees the weights. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await Promise.all([opened?.model.close(), opened?.coder.close()]);
  }

  #open(): Promise<Opened> {
    this.#opened ??= openFolder(this.files.resolve(this.options.folder), this.options);
    return this.#opened;
  }

  #decoder(layout: Layout): DecoderLayout {
    if (layout.kind === 'decoder') return layout;
    throw this.#cannot(`${IS[layout.kind]} only.`);
  }

  #cannot(problem: string): HarnessError {
    return new ModelError('unusableModelFolder', {
      folder: this.files.resolve(this.options.folder),
      problem,
    });
  }

  async #encode(
    { coder }: Opened,
    prompts: readonly ModelPrompt[],
  ): Promise<readonly EncodedPrompt[]> {
    return this.#count(await coder.encodePrompts(prompts));
  }

  #count(prompts: readonly EncodedPrompt[]): readonly EncodedPrompt[] {
    const cut = prompts.filter((prompt) => prompt.ok && prompt.cut).length;
    this.#cut += cut;
    if (cut > 0)
      this.logger.warn(
        `${this.options.folder}: ${cut} of ${prompts.length} prompts were too long and were cut (maxPromptTokens).`,
      );
    return prompts;
  }

  #decodeLimits(layout: DecoderLayout, copies: number, maxTokens: number): BatchLimits {
    const cacheCells = layout.cache.reduce((sum, { heads, width }) => sum + heads * width, 0);
    return {
      rows: Math.max(1, Math.floor(this.options.batchSize / copies)),
      cells: (length) =>
        logitCells(layout, length) +
        copies * (layout.vocabulary + cacheCells * Math.min(length + maxTokens, layout.context)),
      maxCells: MAX_CELLS,
      equalLengths: layout.equalLengths,
    };
  }
}

const IS = {
  decoder: 'it is a decoder, which gives answers and its own states',
  encoder: 'it is an encoder, which gives embeddings',
  classifier: 'it is a text classifier, which gives the logits of its classes',
} as const;

const logitCells = (layout: DecoderLayout, length: number): number =>
  layout.vocabulary * (layout.logitsToKeep === undefined ? length : 1);

/** The texts of what was decoded; one that a stop string ended has its text already. */
async function decodeTexts(
  { coder }: Opened,
  outcomes: readonly Outcome<readonly Decoded[]>[],
): Promise<ReadonlyMap<Decoded, string>> {
  const all = outcomes.flatMap((outcome) => (outcome.ok ? outcome.value : []));
  const open = all.filter(({ stopped }) => stopped === undefined);
  const texts = await coder.decode(open.map(({ tokens }) => tokens));
  return new Map([
    ...all.map((decoded): [Decoded, string] => [decoded, decoded.stopped ?? '']),
    ...open.map((decoded, i): [Decoded, string] => [decoded, texts[i] ?? '']),
  ]);
}

function completion(text: string, { logprobs, finish }: Decoded, promptTokens: number): Completion {
  return {
    text,
    tokenLogprobs: logprobs,
    finish,
    promptTokens,
    completionTokens: logprobs.length,
  };
}

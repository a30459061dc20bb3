import { SafetensorsFile } from 'routerxbench/safetensors';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import {
  FILES,
  HarnessError,
  inject,
  model,
  OPTIONS,
  z,
  type CallRecord,
  type Completion,
  type Files,
  type GenerateSettings,
  type Model,
  type ModelAbility,
  type ModelInfo,
  type ModelContext,
  type ModelPrompt,
  type Outcome,
  type PromptState,
} from '../../core/index.js';
import { Recording, type RecordedLine } from './_replay/recording.js';
import { ModelError } from './_errors.js';

const Options = z.strictObject({
  /** JSONL, one recorded prompt per line; relative paths start at the folder of the config. */
  file: z.string().min(1),
  /**
   * Safetensors file whose tensors `logits`, `hidden_states` [rows, layers, dim] and `embedding`
   * have one row per line of `file`.
   */
  tensors: z.string().min(1).optional(),
  /** Layer indices of `hidden_states`, numbered as in Hugging Face; default: 0, 1, 2 … */
  layers: z.array(z.int().min(0)).min(1).optional(),
  /** Two lines of one prompt that disagree: reject the file, or take the first. */
  duplicates: z.enum(['refuse', 'first']).default('refuse'),
});
type Options = z.output<typeof Options>;

interface Opened {
  readonly recording: Recording;
  readonly tensors: SafetensorsFile | undefined;
  readonly info: ModelInfo;
}

const missing = (what: string): Outcome<never> => {
  const error = new ModelError('notRecorded', { what });
  return { ok: false, code: error.code, message: error.problem };
};

/** Answers, grades and signals that were recorded before: no requests are sent (docs/models.md). */
@model({
  name: 'replay',
  summary: 'Recorded answers, grades and signals, found by their prompt',
  options: Options,
})
export class Replay implements Model {
  #opened: Promise<Opened> | undefined;

  constructor(
    @inject(OPTIONS) private readonly options: Options,
    @inject(FILES) private readonly files: Files,
  ) {}

  /**
   * Reads the whole recording once.
   * @throws HarnessError RXB4108 if it cannot be used.
   */
  async info(): Promise<ModelInfo> {
    return (await this.#open()).info;
  }

  /** The recorded answer if one greedy text is requested, else the recorded samples. */
  async generate(
    prompts: readonly ModelPrompt[],
    { temperature, n = 1 }: GenerateSettings,
    context: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> {
    return await this.#each<readonly Completion[]>(prompts, context, (line) => {
      const call = buildCall(line);
      if (temperature > 0 && line.samples !== undefined) {
        if (line.samples.length < n)
          return missing(`set of ${n} samples (only ${line.samples.length})`);
        return {
          ok: true,
          value: line.samples.slice(0, n).map((sample) => ({
            ...buildCompletion({ ...line, ...sample }),
            completionTokens: sample.tokenLogprobs.length,
          })),
          call,
        };
      }
      if (line.text === undefined && line.grade === undefined) return missing('answer');
      return temperature > 0 && n > 1
        ? missing('samples')
        : { ok: true, value: Array.from({ length: n }, () => buildCompletion(line)), call };
    });
  }

  /** The recorded tensors. */
  async read(
    prompts: readonly ModelPrompt[],
    wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
    context: ModelContext,
  ): Promise<readonly Outcome<PromptState>[]> {
    return await this.#rows(prompts, context, async (tensors, row) => ({
      ...(wanted.logits ? { logits: await tensors.rows('logits', row, 1) } : {}),
      ...(wanted.hiddenStates ? { hiddenStates: await tensors.rows('hidden_states', row, 1) } : {}),
    }));
  }

  /** The recorded log-probabilities of the choices. */
  async choose(
    prompts: readonly ModelPrompt[],
    choices: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    return await this.#each<Float32Array>(prompts, context, (line) => {
      const unknown = choices.find((choice) => line.choices?.[choice] === undefined);
      return unknown === undefined
        ? {
            ok: true,
            value: Float32Array.from(choices, (choice) => line.choices?.[choice] as number),
          }
        : missing(`log-probability of the choice ${JSON.stringify(unknown)}`);
    });
  }

  /** The recorded embeddings. */
  async embed(
    texts: readonly string[],
    context: ModelContext,
  ): Promise<readonly Outcome<Float32Array>[]> {
    const prompts = texts.map((text): ModelPrompt => ({ form: 'raw', text }));
    return await this.#rows(
      prompts,
      context,
      async (tensors, row) => await tensors.rows('embedding', row, 1),
    );
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    await opened?.recording.close();
    await opened?.tensors?.close();
  }

  #open(): Promise<Opened> {
    return (this.#opened ??= this.#read());
  }

  async #read(): Promise<Opened> {
    const file = this.files.resolve(this.options.file);
    const recording = await Recording.open(file, this.options.duplicates);
    let tensors: SafetensorsFile | undefined;
    try {
      const path =
        this.options.tensors === undefined ? undefined : this.files.resolve(this.options.tensors);
      tensors = path === undefined ? undefined : await SafetensorsFile.open(path);
      const hash = createHash('sha256').update(
        JSON.stringify([
          1,
          recording.contents.hash,
          this.options.layers ?? null,
          this.options.duplicates,
        ]),
      );
      if (path !== undefined)
        for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
      return {
        recording,
        tensors,
        info: {
          name: basename(file),
          fingerprint: hash.digest('hex'),
          ...this.#abilities(recording, tensors),
          notes: { backend: 'replay', rows: recording.contents.rows },
        },
      };
    } catch (error) {
      await recording.close();
      await tensors?.close();
      throw error;
    }
  }

  #abilities(
    { contents }: Recording,
    tensors: SafetensorsFile | undefined,
  ): Pick<ModelInfo, 'can' | 'vocabulary' | 'hiddenStates' | 'embedding'> {
    const shape = (name: string, axes: number): readonly number[] | undefined => {
      if (tensors === undefined || !tensors.names.includes(name)) return undefined;
      const found = tensors.shape(name);
      if (found.length !== axes || found[0] !== contents.rows)
        throw this.#broken(
          `"${name}" is [${found.join(', ')}]; ${axes} axes are needed, the first with ${contents.rows} rows`,
        );
      return found;
    };
    const logits = shape('logits', 2);
    const hidden = shape('hidden_states', 3);
    const embedding = shape('embedding', 2);
    const can: ModelAbility[] = [];
    if (contents.texts) can.push('generate');
    if (contents.choices) can.push('choice-logprobs');
    if (logits !== undefined) can.push('logits');
    if (hidden !== undefined) can.push('hidden-states');
    if (embedding !== undefined) can.push('embedding');
    const indices = this.options.layers ?? Array.from({ length: hidden?.[1] ?? 0 }, (_, i) => i);
    if (hidden !== undefined && indices.length !== hidden[1])
      throw this.#broken(
        `hidden_states has ${String(hidden[1])} layers, but the option \`layers\` names ${indices.length}`,
      );
    return {
      can,
      ...(logits === undefined ? {} : { vocabulary: logits[1] as number }),
      ...(hidden === undefined ? {} : { hiddenStates: { indices, dim: hidden[2] as number } }),
      ...(embedding === undefined ? {} : { embedding: { dim: embedding[1] as number } }),
    };
  }

  #broken(problem: string): HarnessError {
    return new ModelError('invalidRecording', {
      file: this.files.resolve(this.options.tensors ?? this.options.file),
      problem,
    });
  }

  async #each<T>(
    prompts: readonly ModelPrompt[],
    { signal, advance }: ModelContext,
    outcome: (line: RecordedLine) => Outcome<T>,
  ): Promise<readonly Outcome<T>[]> {
    signal.throwIfAborted();
    const { recording } = await this.#open();
    const outcomes: Outcome<T>[] = [];
    for (const prompt of prompts) {
      const line = await recording.find(prompt);
      outcomes.push(line === undefined ? missing('row') : outcome(line));
    }
    advance(prompts.length);
    return outcomes;
  }

  async #rows<T>(
    prompts: readonly ModelPrompt[],
    { signal, advance }: ModelContext,
    read: (tensors: SafetensorsFile, row: number) => Promise<T>,
  ): Promise<readonly Outcome<T>[]> {
    signal.throwIfAborted();
    const { recording, tensors } = await this.#open();
    const outcomes: Outcome<T>[] = [];
    for (const prompt of prompts) {
      const row = recording.findRow(prompt);
      outcomes.push(
        row === undefined || tensors === undefined
          ? missing('row')
          : { ok: true, value: await read(tensors, row) },
      );
    }
    advance(prompts.length);
    return outcomes;
  }
}

const buildCompletion = ({
  text = '',
  tokenLogprobs = [],
  finish = 'stop',
  promptTokens = 0,
  completionTokens = tokenLogprobs.length,
  grade,
}: RecordedLine): Completion => ({
  text,
  tokenLogprobs,
  finish,
  promptTokens,
  completionTokens,
  ...(grade === undefined ? {} : { recordedGrade: grade }),
});

/** Usage of the recorded call; unknown unless both token counts were recorded. */
const buildCall = ({
  promptTokens,
  completionTokens,
  cachedPromptTokens,
  reasoningTokens,
  servedModel,
  latencyMs,
}: RecordedLine): CallRecord => ({
  requestedModel: servedModel ?? 'recorded',
  servedModel: servedModel ?? null,
  usage:
    promptTokens === undefined || completionTokens === undefined
      ? null
      : {
          prompt: promptTokens,
          completion: completionTokens,
          ...(cachedPromptTokens === undefined ? {} : { cachedPrompt: cachedPromptTokens }),
          ...(reasoningTokens === undefined ? {} : { reasoning: reasoningTokens }),
        },
  latencyMs: latencyMs ?? 0,
  requests: 0,
});

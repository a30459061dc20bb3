import type { InferenceSession } from 'onnxruntime-node';
import { HarnessError, getErrorMessage, type PromptState } from '../../../core/index.js';
import { decode, type DecodeJob, type Decoded } from './decode.js';
import { embed, type EmbedJob } from './embed.js';
import { readSettings } from './folder.js';
import type { Layout } from './layout.js';
import { read, type ReadJob } from './read.js';
import { openSession, type SessionSettings } from './session.js';
import { makeTokenizer, type Tokenizer } from './tokenizer.js';
import type { StepWatch } from 'routerxbench/watched-thread';

/** How long the tokenizer may take, opened for its first text: much more than an honest one. */
const TEXT_MS = 60_000;

/** What a worker needs to open its model. It can be sent to a thread. */
export interface WorkerSetup {
  readonly session: SessionSettings;
  /** Another model file for reading hidden states: it computes the same and has more outputs. */
  readonly withStates?: string;
  readonly layout: Layout;
}

/** The kinds of work of a worker: a batch of prompts each, given as token ids. */
export interface WorkerJobs {
  readonly decode: DecodeJob;
  readonly read: ReadJob;
  readonly embed: EmbedJob;
}

/** The outcome of each kind of work for one prompt. */
export interface WorkerResults {
  readonly decode: readonly Decoded[];
  readonly read: PromptState;
  readonly embed: Float32Array;
}

/** The result of one prompt. */
export type PromptResult<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** Thrown in a worker when its caller no longer wants the result. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A model that is opened once and processes one batch after another. */
export class WorkerModel {
  #open: { readonly modelPath: string; readonly session: Promise<InferenceSession> } | undefined;
  #tokenizer: Promise<Tokenizer> | undefined;

  constructor(
    private readonly setup: WorkerSetup,
    private readonly step: StepWatch,
  ) {}

  /**
   * Processes a batch. If it fails as a whole, each prompt is tried alone, so that one bad prompt
   * does not affect others.
   * @throws HarnessError if the model cannot be opened; {@link Interrupted} if `interrupt` throws
   * it.
   */
  async run<Kind extends keyof WorkerJobs>(
    kind: Kind,
    job: WorkerJobs[Kind],
    interrupt: () => void,
  ): Promise<readonly PromptResult<WorkerResults[Kind]>[]> {
    const session = await this.#session(
      kind === 'read' && (job as ReadJob).hiddenStates ? this.setup.withStates : undefined,
    );
    interrupt();
    try {
      const values = (await this.#batch(
        session,
        { kind, job } as AnyJob,
        interrupt,
      )) as readonly WorkerResults[Kind][];
      return values.map((value) => ({ ok: true, value }));
    } catch (error) {
      if (error instanceof Interrupted || error instanceof HarnessError) throw error;
      if (job.prompts.length === 1) return [{ ok: false, problem: getErrorMessage(error) }];
    }
    const results: PromptResult<WorkerResults[Kind]>[] = [];
    for (const prompt of job.prompts)
      results.push(...(await this.run(kind, { ...job, prompts: [prompt] }, interrupt)));
    return results;
  }

  async #batch(
    session: InferenceSession,
    { kind, job }: AnyJob,
    interrupt: () => void,
  ): Promise<readonly unknown[]> {
    const { layout } = this.setup;
    if (kind === 'embed') {
      if (layout.kind !== 'decoder') return embed({ session, layout }, job);
    } else if (layout.kind === 'decoder') {
      if (kind === 'read') return read({ session, layout }, job);
      return decode({ session, layout, decode: (ids) => this.#text(ids) }, job, interrupt);
    }
    throw new TypeError(`this model cannot ${kind}`);
  }

  async #text(ids: readonly number[]): Promise<string> {
    this.step.begin(TEXT_MS);
    try {
      this.#tokenizer ??= makeTokenizer(readSettings(this.setup.session.folder));
      return (await this.#tokenizer).decode(ids);
    } finally {
      this.step.end();
    }
  }

  /**
   * One file is open at a time, because weights are large; which one depends only on the work, so
   * that rounding does too.
   */
  async #session(other: string | undefined): Promise<InferenceSession> {
    const { session: settings } = this.setup;
    const modelPath = other ?? settings.modelPath;
    if (this.#open?.modelPath !== modelPath) {
      await this.close();
      this.#open = { modelPath, session: openSession({ ...settings, modelPath }) };
    }
    return await this.#open.session;
  }

  /** Frees the weights. */
  async close(): Promise<void> {
    const session = await this.#open?.session.catch(() => undefined);
    this.#open = undefined;
    await session?.release();
  }
}

type AnyJob = {
  readonly [Kind in keyof WorkerJobs]: { readonly kind: Kind; readonly job: WorkerJobs[Kind] };
}[keyof WorkerJobs];

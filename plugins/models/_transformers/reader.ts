/**
 * The Python process that reads prompts with a model, and the protocol between it and the harness.
 */
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { HarnessError, getErrorMessage, z } from '../../../core/index.js';
import { ModelError } from '../_errors.js';

/** Path of the script; compiled code is one folder deeper than the source. */
const SCRIPT = fileURLToPath(
  new URL('../../../../plugins/models/_transformers/python/hidden_states.py', import.meta.url),
);

/** Batches that are sent ahead: one is read while the next one waits. */
const AHEAD = 2;
/** How long a process may take to exit when told to. */
const PATIENCE_MS = 10_000;
const TAIL_LINES = 5;
/** Nothing is downloaded, and no progress bars are printed. */
const ENVIRONMENT = {
  PYTHONDONTWRITEBYTECODE: '1',
  HF_HUB_OFFLINE: '1',
  TRANSFORMERS_OFFLINE: '1',
  TRANSFORMERS_VERBOSITY: 'error',
  HF_HUB_DISABLE_PROGRESS_BARS: '1',
  TOKENIZERS_PARALLELISM: 'false',
};

const Versions = z.object({
  python: z.string(),
  torch: z.string(),
  transformers: z.string(),
  device: z.string(),
});
const Size = z.int().min(0);
const Ready = Versions.extend({ layers: Size, dim: Size, vocabulary: Size, dtype: z.string() });
const RowReply = z.union([
  z.object({ problem: z.string() }).readonly(),
  z.object({ hidden: z.string().exactOptional(), logits: z.string().exactOptional() }).readonly(),
]);

/** What the process reports about the model once it is loaded. */
export type Ready = Readonly<z.output<typeof Ready>>;

/** The result of one prompt: float32 as base64, or the error. */
export type RowReply = z.output<typeof RowReply>;

/** Prompts to read together. */
export interface ReadBatch {
  readonly rows: readonly (readonly number[])[];
  readonly logits: boolean;
  readonly hiddenStates: boolean;
}

const ScriptEvent = z.discriminatedUnion('event', [
  Ready.extend({ event: z.literal('ready') }),
  Versions.extend({ event: z.literal('here') }),
  z.object({ event: z.literal('batch'), id: z.int(), rows: z.array(RowReply).readonly() }),
  z.object({
    event: z.literal('error'),
    kind: z.enum(['torch', 'transformers', 'model', 'script']),
    problem: z.string(),
  }),
]);
type ScriptEvent = Readonly<z.output<typeof ScriptEvent>>;

/** What the script needs to know. */
export interface ReaderSettings {
  readonly python: string;
  readonly folder: string;
  readonly dtype: string;
  readonly device: string;
  readonly trustRemoteCode: boolean;
  readonly pad: number;
}

/** A started process and a promise of its exit. */
interface Running extends PromiseLike<unknown> {
  readonly stdin: Writable;
  readonly kill: (signal: NodeJS.Signals) => boolean;
}

interface Settled<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One process with the model. The first batch starts it, and it is never restarted: after it has
 * exited, a new Reader replaces it.
 */
export class Reader {
  readonly #waiting = new Map<number, Settled<readonly RowReply[]>>();
  readonly #roomWaiters: (() => void)[] = [];
  readonly #ready: Promise<Ready>;
  #process: Running | undefined;
  #loaded: Settled<Ready> | undefined;
  #reportedError: Extract<ScriptEvent, { event: 'error' }> | undefined;
  #ended: unknown;
  #last = 0;

  constructor(private readonly settings: ReaderSettings) {
    this.#ready = new Promise((resolve, reject) => (this.#loaded = { resolve, reject }));
    this.#ready.catch(() => undefined); // each batch reports it
    this.#run().catch((error: unknown) => this.#end(error));
  }

  /**
   * Loads the model, unless it is loaded.
   * @throws HarnessError RXB6020 to RXB6023
   */
  async ready(): Promise<Ready> {
    return await this.#ready;
  }

  /** Whether it has exited, by itself or because it was told to. */
  get over(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * One reply per row.
   * @throws HarnessError RXB6020 to RXB6023; the reason given to {@link stop}.
   */
  async read(batch: ReadBatch): Promise<readonly RowReply[]> {
    await this.#ready;
    while (this.#waiting.size >= AHEAD && !this.over)
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    if (this.over) throw this.#ended;
    const id = ++this.#last;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process?.stdin.write(`${JSON.stringify({ id, ...batch })}\n`);
    });
  }

  /** Stops it now; batches in progress fail with `reason`. */
  stop(reason: unknown): void {
    this.#end(reason);
    this.#process?.kill('SIGTERM');
  }

  /** Lets it exit after its current work. */
  async close(): Promise<void> {
    this.#end(new Error('the model was closed'));
    this.#process?.stdin.end();
    const late = setTimeout(() => this.#process?.kill('SIGTERM'), PATIENCE_MS);
    await this.#process;
    clearTimeout(late);
  }

  async #run(): Promise<void> {
    const { python, ...settings } = this.settings;
    const { execa } = await import('execa');
    if (this.over) return;
    const running = execa(python, [SCRIPT, JSON.stringify(settings)], {
      reject: false,
      stdin: 'pipe',
      buffer: false,
      forceKillAfterDelay: PATIENCE_MS,
      cleanup: false,
      env: ENVIRONMENT,
    });
    this.#process = running;
    running.stdin.on('error', () => undefined); // the exit of the process reports this failure
    const tail: string[] = [];
    createInterface({ input: running.stderr }).on('line', (line) => {
      tail.push(line);
      tail.splice(0, tail.length - TAIL_LINES);
    });
    for await (const line of createInterface({ input: running.stdout }))
      if (!this.#receive(line)) running.kill();
    const { exitCode, signal, code } = await running;
    this.#end(
      this.#reportedError === undefined
        ? this.#why({ exitCode, signal, code }, tail.join(' · '))
        : buildError(this.#reportedError, this.settings),
    );
  }

  /** Takes a message of the process; false where it is none. */
  #receive(line: string): boolean {
    let event: ScriptEvent;
    try {
      event = ScriptEvent.parse(JSON.parse(line));
    } catch {
      const problem = `it printed ${JSON.stringify(line.slice(0, 200))}, which is no message of it`;
      this.#reportedError ??= { event: 'error', kind: 'script', problem };
      return false;
    }
    if (event.event === 'ready') this.#loaded?.resolve(event);
    else if (event.event === 'error') this.#reportedError = event;
    else if (event.event === 'batch') {
      this.#waiting.get(event.id)?.resolve(event.rows);
      this.#waiting.delete(event.id);
      this.#roomWaiters.shift()?.();
    }
    return true;
  }

  #why(
    {
      exitCode,
      signal,
      code,
    }: {
      readonly exitCode?: number | undefined;
      readonly signal?: string | undefined;
      readonly code?: string | undefined;
    },
    tail: string,
  ): HarnessError {
    const { python, folder } = this.settings;
    if (exitCode === undefined && signal === undefined)
      return new ModelError('pythonNotStarted', {
        python,
        problem: code === 'ENOENT' ? 'there is no such command.' : `${String(code)}.`,
      });
    const how =
      signal === undefined
        ? `exit code ${String(exitCode)}`
        : `killed by ${signal}${signal === 'SIGKILL' ? ', as when memory runs out' : ''}`;
    return new ModelError('hiddenStatesReaderExited', {
      folder,
      problem: `${tail === '' ? 'it printed nothing' : tail} (${how})`,
    });
  }

  #end(error: unknown): void {
    if (this.over) return;
    this.#ended = error;
    this.#loaded?.reject(error);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    for (const go of this.#roomWaiters.splice(0)) go();
  }
}

function buildError(
  { kind, problem }: Extract<ScriptEvent, { event: 'error' }>,
  { python, folder }: Pick<ReaderSettings, 'python' | 'folder'>,
): HarnessError {
  if (kind === 'torch' || kind === 'transformers')
    return new ModelError('pythonModuleMissing', { python, module: kind, problem });
  return new ModelError(
    kind === 'model' ? 'transformersModelNotLoaded' : 'hiddenStatesReaderExited',
    { folder, problem },
  );
}

/**
 * Checks that Python and its modules are available, without loading a model.
 * @throws HarnessError RXB6020, RXB6021, RXB6023
 */
export async function lookForTransformers(
  settings: Pick<ReaderSettings, 'python' | 'folder'>,
  signal: AbortSignal,
): Promise<string> {
  const { python, folder } = settings;
  const { execa } = await import('execa');
  const ended = await execa(python, [SCRIPT, '--check'], {
    reject: false,
    stdin: 'ignore',
    cancelSignal: signal,
    cleanup: false,
    env: ENVIRONMENT,
  });
  signal.throwIfAborted();
  if (ended.exitCode === undefined)
    throw new ModelError('pythonNotStarted', {
      python,
      problem:
        ended.code === 'ENOENT'
          ? 'there is no such command.'
          : `${String(ended.code ?? ended.signal)}.`,
    });
  let event: ScriptEvent;
  try {
    event = ScriptEvent.parse(JSON.parse(ended.stdout));
  } catch (cause) {
    throw new ModelError(
      'pythonNotStarted',
      { python, problem: `it does not seem to be Python (${getErrorMessage(cause)}).` },
      { cause },
    );
  }
  if (event.event === 'error') throw buildError(event, { python, folder });
  return event.event === 'here'
    ? `transformers ${event.transformers}, torch ${event.torch}, Python ${event.python}, ${event.device}`
    : '';
}

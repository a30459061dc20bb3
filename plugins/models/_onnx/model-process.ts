import { fork, type ChildProcess } from 'node:child_process';
import { env } from 'node:process';
import { HarnessError } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { ProcessReply, ProcessRequest } from './process-messages.js';
import {
  Interrupted,
  type PromptResult,
  type WorkerJobs,
  type WorkerResults,
  type WorkerSetup,
} from './worker-model.js';
import type { WorkerReply } from './worker-pool.js';

const TAIL_BYTES = 2000;
/** Variables with such a word in their names are kept from code that reads a stranger's model. */
const SECRET = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;

interface Waiting {
  readonly settle: (reply: WorkerReply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The process that computes a model: onnxruntime is native code that reads a file of whoever made
 * the model, and one that crashes or never ends takes only this process with it. It starts when
 * there is work, and does not keep the harness alive while idle.
 */
export class ModelProcess {
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #ended: HarnessError | undefined;
  #closing = false;
  #count = 0;
  #tail = '';

  constructor(
    private readonly setup: WorkerSetup,
    private readonly workers: number,
  ) {}

  /**
   * Computes a batch.
   * @throws HarnessError if the model cannot be opened, or ended the process; {@link Interrupted}
   * when `signal` is aborted or the model was closed
   */
  async run<Kind extends keyof WorkerJobs>(
    kind: Kind,
    job: WorkerJobs[Kind],
    signal: AbortSignal,
  ): Promise<readonly PromptResult<WorkerResults[Kind]>[]> {
    if (signal.aborted) throw new Interrupted();
    const id = this.#count++;
    const cancel = (): void => void this.#send({ cancel: id });
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const reply = await this.#exchange(id, { id, kind, job });
      if (reply.state === 'done')
        return reply.results as readonly PromptResult<WorkerResults[Kind]>[];
      if (reply.state === 'interrupted') throw new Interrupted();
      if (reply.state === 'refused') throw new HarnessError(reply.error);
      throw new Error(reply.message);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  /** Ends the process; batches in progress are lost. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#child?.ref(); // until it has exited
    this.#child?.kill('SIGKILL');
    await this.#exited;
    this.#closing = false;
  }

  async #exchange(id: number, request: ProcessRequest): Promise<WorkerReply> {
    if (this.#ended !== undefined) throw this.#ended;
    const child = (this.#child ??= this.#start());
    child.ref();
    child.channel?.ref();
    return await new Promise<WorkerReply>((settle, reject) => {
      this.#waiting.set(id, { settle, reject });
      this.#send(request);
    }).finally(() => {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#rest();
    });
  }

  #rest(): void {
    this.#child?.unref();
    this.#child?.channel?.unref();
  }

  #send(request: ProcessRequest): void {
    if (this.#child?.connected === true) this.#child.send(request, () => undefined);
  }

  #start(): ChildProcess {
    const visible = Object.entries(env).filter(([name]) => !SECRET.test(name));
    const child = fork(new URL('./process-body.js', import.meta.url), [], {
      serialization: 'advanced',
      execArgv: [],
      env: Object.fromEntries(visible),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    // what onnxruntime prints is thrown anyway, and tells why the process ended
    child.stderr?.on('data', (part: Buffer) => {
      this.#tail = `${this.#tail}${part.toString('utf8')}`.slice(-TAIL_BYTES);
    });
    (child.stderr as { unref?: () => void } | null)?.unref?.();
    child.on('message', ({ id, reply }: ProcessReply) => this.#waiting.get(id)?.settle(reply));
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#end(`it cannot be started (${error.message})`);
        resolve();
      });
      child.once('close', (code, signal) => {
        this.#end(signal ?? `exit code ${String(code)}`, signal === 'SIGKILL');
        resolve();
      });
    });
    this.#child = child;
    this.#send({ setup: this.setup, workers: this.workers });
    return child;
  }

  #end(how: string, killed = false): void {
    const { folder, modelFile } = this.setup.session;
    const last = this.#tail.trim().split('\n').at(-1) ?? '';
    const why = killed ? `${how}, as when memory runs out` : how;
    const error = brokenFolder(
      folder,
      `computing ${modelFile} ended the process that does it: ${why}${last === '' ? '' : `; ${last}`}.`,
    );
    const isClosed = killed && this.#closing;
    if (!isClosed) this.#ended ??= error;
    this.#child = undefined;
    for (const { reject } of this.#waiting.values())
      reject(isClosed ? new Interrupted('the model was closed') : error);
  }
}

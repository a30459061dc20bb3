import { Worker } from 'node:worker_threads';
import { HarnessError, type ErrorData } from '../../../core/index.js';
import {
  Interrupted,
  type WorkerJobs,
  type WorkerResults,
  type WorkerSetup,
  type PromptResult,
} from './worker-model.js';

/** A message to a worker. `cancelled` holds one int32: not 0 = stop as soon as possible. */
export type WorkerRequest =
  | 'close'
  | {
      readonly kind: keyof WorkerJobs;
      readonly job: WorkerJobs[keyof WorkerJobs];
      readonly cancelled: SharedArrayBuffer;
    };

/** A message from a worker. */
export type WorkerReply =
  | {
      readonly state: 'done';
      readonly results: readonly PromptResult<WorkerResults[keyof WorkerJobs]>[];
    }
  | { readonly state: 'interrupted' }
  | {
      readonly state: 'refused';
      readonly error: ErrorData;
    }
  | { readonly state: 'failed'; readonly message: string };

/**
 * Worker threads that each hold the model and compute one batch at a time. They start when there is
 * work, and do not keep the process alive while idle.
 */
export class WorkerPool {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  /** The cancel flags of the batches in progress. */
  readonly #running = new Set<SharedArrayBuffer>();
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(
    private readonly setup: WorkerSetup,
    private readonly count: number,
  ) {}

  /**
   * Computes a batch on the next free worker.
   * @throws HarnessError if the model cannot be opened, {@link Interrupted} when cancelled.
   */
  async run<Kind extends keyof WorkerJobs>(
    kind: Kind,
    job: WorkerJobs[Kind],
    cancelled: SharedArrayBuffer,
  ): Promise<readonly PromptResult<WorkerResults[Kind]>[]> {
    const worker = await this.#acquire();
    this.#running.add(cancelled);
    try {
      const reply = await exchange(worker, { kind, job, cancelled });
      if (reply.state === 'done')
        return reply.results as readonly PromptResult<WorkerResults[Kind]>[];
      if (reply.state === 'interrupted') throw new Interrupted();
      if (reply.state === 'refused') throw new HarnessError(reply.error);
      throw new Error(reply.message);
    } finally {
      this.#running.delete(cancelled);
      this.#release(worker);
    }
  }

  /**
   * Ends all workers, each after its current forward pass; batches in progress are lost. A thread
   * is never terminated from outside: onnxruntime would abort the whole process.
   */
  async close(): Promise<void> {
    const workers = [...this.#all];
    this.#all.clear();
    this.#idle.length = 0;
    for (const cancelled of this.#running) Atomics.store(new Int32Array(cancelled), 0, 1);
    await Promise.all(
      workers.map((worker) => {
        worker.ref();
        const exited = new Promise((resolve) => worker.once('exit', resolve));
        worker.postMessage('close' satisfies WorkerRequest);
        return exited;
      }),
    );
  }

  async #acquire(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.size < this.count) {
      const worker = new Worker(new URL('./worker.js', import.meta.url), {
        workerData: this.setup,
      });
      worker.unref();
      worker.once('exit', () => this.#all.delete(worker));
      this.#all.add(worker);
      return worker;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(worker: Worker): void {
    if (!this.#all.has(worker)) return; // closing waits for it
    worker.unref();
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
  }
}

/** Sends one request and waits for its reply; the process stays alive meanwhile. */
function exchange(worker: Worker, request: WorkerRequest): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      then();
    };
    const onMessage = (reply: WorkerReply): void => settle(() => resolve(reply));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new Interrupted('the model was closed')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit).ref();
    worker.postMessage(request);
  });
}

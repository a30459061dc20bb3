import { Worker } from 'node:worker_threads';
import { HarnessError, type ErrorCode } from '../../../core/index.js';
import {
  Interrupted,
  type LaneJobs,
  type LaneResults,
  type LaneSetup,
  type PromptResult,
} from './lane-work.js';

/**
 * What is sent to a lane's thread. `cancelled` holds one int32: other than 0 = stop at the next
 * chance.
 */
export type LaneRequest =
  | 'close'
  | {
      readonly kind: keyof LaneJobs;
      readonly job: LaneJobs[keyof LaneJobs];
      readonly cancelled: SharedArrayBuffer;
    };

/** What comes back. */
export type LaneReply =
  | {
      readonly state: 'done';
      readonly results: readonly PromptResult<LaneResults[keyof LaneJobs]>[];
    }
  | { readonly state: 'interrupted' }
  | {
      readonly state: 'refused';
      readonly code: ErrorCode;
      readonly details: HarnessError['details'];
    }
  | { readonly state: 'failed'; readonly message: string };

/**
 * Threads that each hold the model and compute one batch at a time. They start when there is work
 * for them, and do not keep the
 * process alive while idle.
 */
export class Lanes {
  readonly #idle: Worker[] = [];
  readonly #all = new Set<Worker>();
  /** The cancel flags of the batches in progress. */
  readonly #running = new Set<SharedArrayBuffer>();
  readonly #waiting: ((worker: Worker) => void)[] = [];

  constructor(
    private readonly setup: LaneSetup,
    private readonly count: number,
  ) {}

  /**
   * Computes a batch on the next free thread. @throws HarnessError where the model cannot be
   * opened, {@link Interrupted} when cancelled.
   */
  async run<Kind extends keyof LaneJobs>(
    kind: Kind,
    job: LaneJobs[Kind],
    cancelled: SharedArrayBuffer,
  ): Promise<readonly PromptResult<LaneResults[Kind]>[]> {
    const worker = await this.#acquire();
    this.#running.add(cancelled);
    try {
      const reply = await exchange(worker, { kind, job, cancelled });
      if (reply.state === 'done')
        return reply.results as readonly PromptResult<LaneResults[Kind]>[];
      if (reply.state === 'interrupted') throw new Interrupted();
      if (reply.state === 'refused') throw new HarnessError(reply.code, reply.details);
      throw new Error(reply.message);
    } finally {
      this.#running.delete(cancelled);
      this.#release(worker);
    }
  }

  /**
   * Ends all threads, each after the forward pass it is in; batches in progress are lost. A thread
   * is never terminated from
   * outside: onnxruntime would take the whole process down with it.
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
        worker.postMessage('close' satisfies LaneRequest);
        return exited;
      }),
    );
  }

  async #acquire(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#all.size < this.count) {
      const worker = new Worker(new URL('./lane-worker.js', import.meta.url), {
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
function exchange(worker: Worker, request: LaneRequest): Promise<LaneReply> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      then();
    };
    const onMessage = (reply: LaneReply): void => settle(() => resolve(reply));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new Interrupted('the model was closed')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit).ref();
    worker.postMessage(request);
  });
}

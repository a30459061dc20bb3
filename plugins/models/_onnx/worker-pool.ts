import { ThreadEnded, WatchedThread } from 'routerxbench/watched-thread';
import type { ErrorData } from '../../../core/index.js';
import { brokenFolder } from './broken-folder.js';
import type { WorkerJobs, WorkerResults, WorkerSetup, PromptResult } from './worker-model.js';

/** A message to a worker. `cancelled` holds one int32: not 0 = stop as soon as possible. */
export interface WorkerRequest {
  readonly kind: keyof WorkerJobs;
  readonly job: WorkerJobs[keyof WorkerJobs];
  readonly cancelled: SharedArrayBuffer;
}

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

type Worker = WatchedThread<WorkerReply>;

/**
 * Worker threads that each hold the model and compute one batch at a time. They start when there is
 * work. One is never terminated from outside: onnxruntime would abort the whole process.
 */
export class WorkerPool {
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  #started = 0;

  constructor(
    private readonly setup: WorkerSetup,
    private readonly count: number,
  ) {}

  /** Computes a batch on the next free worker. */
  async exchange(request: WorkerRequest): Promise<WorkerReply> {
    const worker = await this.#acquire();
    try {
      worker.begin(request);
      return await worker.next();
    } catch (error) {
      if (!(error instanceof ThreadEnded)) throw error;
      const { folder } = this.setup.session;
      const refused = brokenFolder(folder, `its tokenizer was stopped: ${error.message}.`, error);
      return { state: 'refused', error: refused.toData() };
    } finally {
      this.#release(worker);
    }
  }

  /** Whether a worker has ended: the process can no longer be used. */
  get isBroken(): boolean {
    return this.#idle.some((worker) => !worker.usable);
  }

  async #acquire(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#started < this.count) {
      this.#started++;
      return new WatchedThread<WorkerReply>(new URL('./worker.js', import.meta.url), this.setup);
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #release(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
  }
}

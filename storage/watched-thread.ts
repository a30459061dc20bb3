/**
 * Threads for work on files of others, which may never end or may need more memory than there is: a
 * thread says how long its present step may take, and is ended when it takes longer.
 */
import { clearInterval, setInterval } from 'node:timers';
import { getHeapStatistics } from 'node:v8';
import { Worker, workerData } from 'node:worker_threads';

/** Positions in the shared memory: steps begun, and milliseconds for the present one; 0 = none. */
const [BEGUN, LIMIT_MS] = [0, 1];
const TICK_MS = 100;

/** A thread may use as much memory as the program itself. */
const heapMegabytes = (): number => Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);

interface WatchedData {
  readonly watched: SharedArrayBuffer;
  readonly data: unknown;
}

/** What the body of a thread tells about its steps. */
export interface StepWatch {
  /** Begins a step that must end within some milliseconds. */
  readonly begin: (limitMs: number) => void;
  /** Ends it: the thread waits, for the disk or for a message. */
  readonly end: () => void;
}

/** The watch of this thread, which a {@link WatchedThread} has started. */
export function getStepWatch(): StepWatch {
  const shared = new Int32Array((workerData as WatchedData).watched);
  return {
    begin: (limitMs) => {
      Atomics.store(shared, LIMIT_MS, limitMs);
      Atomics.add(shared, BEGUN, 1);
    },
    end: () => void Atomics.store(shared, LIMIT_MS, 0),
  };
}

/** What this thread was given, when it was started by a {@link WatchedThread}. */
export const getThreadData = (): unknown => (workerData as WatchedData).data;

/** Why a thread ended: the end of a sentence about its work. */
export class ThreadEnded extends Error {
  override readonly name = 'ThreadEnded';
}

/** A thread that takes requests and sends replies. It keeps the process alive while it works. */
export class WatchedThread<Reply> {
  readonly #shared = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  #replies: Reply[] = [];
  #ended: ThreadEnded | undefined;
  #wake: () => void = () => undefined;

  constructor(body: URL, data: unknown) {
    const watched = this.#shared.buffer as SharedArrayBuffer;
    this.#worker = new Worker(body, {
      workerData: { watched, data } satisfies WatchedData,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes() },
    });
    this.#worker.on('message', (reply: Reply) => {
      this.#replies.push(reply);
      this.#wake();
    });
    this.#worker.on('error', (error: Error & { readonly code?: string }) =>
      this.#fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `it takes more than ${heapMegabytes()} MiB of memory`
          : error.message,
      ),
    );
    this.#worker.on('exit', () => this.#fail('its thread ended'));
    this.rest();
  }

  /** Whether it can take requests. */
  get usable(): boolean {
    return this.#ended === undefined;
  }

  /** Begins with new work: replies to earlier requests are thrown away. */
  begin(request: unknown): void {
    this.#replies = [];
    this.#worker.ref();
    this.post(request);
  }

  /** Sends one more message. */
  post(request: unknown): void {
    this.#worker.postMessage(request);
  }

  /** Waits for other work; the process may end meanwhile. */
  rest(): void {
    this.#worker.unref();
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    this.#ended ??= new ThreadEnded('it was closed');
    this.#wake();
    this.#worker.ref(); // until it has ended
    await this.#worker.terminate();
  }

  /**
   * The next reply.
   * @throws ThreadEnded where a step took longer than its limit, or too much memory
   */
  async next(): Promise<Reply> {
    const timer = this.#watchSteps();
    try {
      for (;;) {
        const reply = this.#replies.shift();
        if (reply !== undefined) return reply;
        if (this.#ended !== undefined) throw this.#ended;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearInterval(timer);
    }
  }

  /** Ticks are counted, not time: a process that was stopped meanwhile is none that hangs. */
  #watchSteps(): NodeJS.Timeout {
    let [begun, ticks] = [-1, 0];
    return setInterval(() => {
      const now = Atomics.load(this.#shared, BEGUN);
      const limit = Atomics.load(this.#shared, LIMIT_MS);
      ticks = now === begun && limit > 0 ? ticks + 1 : 0;
      begun = now;
      if (limit > 0 && ticks * TICK_MS > limit)
        this.#fail(`it did not end within ${(limit / 1000).toFixed(1)} s`);
    }, TICK_MS);
  }

  #fail(problem: string): void {
    this.#ended ??= new ThreadEnded(problem);
    this.#wake();
  }
}

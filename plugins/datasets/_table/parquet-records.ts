/** Parquet files → records, decoded in a thread that can be ended. */
import { clearInterval, setInterval } from 'node:timers';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Files } from '../../../core/index.js';
import { DatasetError } from '../_errors.js';
import {
  WATCHED,
  type ParquetBlock,
  type ParquetReply,
  type ParquetRequest,
  type ParquetThreadData,
} from './parquet-messages.js';
import type { TableRecord } from './field.js';
import type { NumberedRecord } from './row.js';

const TICK_MS = 100;
/** A thread may use as much memory as the program itself. */
const heapMegabytes = (): number => Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);

/** A thread that reads one file after another. */
class ParquetThread {
  readonly #watched = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  #replies: ParquetReply[] = [];
  #problem: string | undefined;
  #wake: () => void = () => undefined;

  constructor() {
    this.#worker = new Worker(new URL('./parquet-thread.js', import.meta.url), {
      workerData: {
        watched: this.#watched.buffer as SharedArrayBuffer,
      } satisfies ParquetThreadData,
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytes() },
    });
    this.#worker.on('message', (reply: ParquetReply) => {
      this.#replies.push(reply);
      this.#wake();
    });
    this.#worker.on('error', (error: Error & { readonly code?: string }) =>
      this.#fail(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `decoding it takes more than ${heapMegabytes()} MiB of memory`
          : error.message,
      ),
    );
    this.#worker.on('exit', () => this.#fail('the thread that reads it ended'));
  }

  /** Whether it can read another file. */
  get usable(): boolean {
    return this.#problem === undefined;
  }

  /** Starts with a file; the process stays alive until it is read. */
  open(path: string): void {
    this.#replies = [];
    this.#worker.ref();
    this.#send({ open: path });
  }

  /** Waits for the next file; the process may end meanwhile. */
  rest(): void {
    this.#worker.unref();
  }

  async end(): Promise<void> {
    this.#problem ??= 'it was closed';
    await this.#worker.terminate();
  }

  /** The next reply. It must come in the time that the thread has set itself. */
  async next(): Promise<ParquetReply> {
    let [begun, ticks] = [-1, 0];
    const timer = setInterval(() => {
      const now = Atomics.load(this.#watched, WATCHED.begun);
      const limit = Atomics.load(this.#watched, WATCHED.limitMs);
      ticks = now === begun && limit > 0 ? ticks + 1 : 0;
      begun = now;
      if (ticks * TICK_MS > limit && limit > 0)
        this.#fail(`decoding a part of it did not end within ${(limit / 1000).toFixed(1)} s`);
    }, TICK_MS);
    try {
      for (;;) {
        const reply = this.#replies.shift();
        if (reply !== undefined) {
          if ('names' in reply) this.#send('more');
          return reply;
        }
        if (this.#problem !== undefined) return { failed: this.#problem };
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      clearInterval(timer);
    }
  }

  #send(request: ParquetRequest): void {
    this.#worker.postMessage(request);
  }

  #fail(problem: string): void {
    this.#problem ??= problem;
    this.#wake();
  }
}

function* buildRecords({ names, columns }: ParquetBlock): Generator<TableRecord> {
  const rows = columns[0]?.length ?? 0;
  for (let row = 0; row < rows; row++) {
    const record: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) record[names[i] as string] = columns[i]?.[row];
    yield record;
  }
}

/** A thread that has read a file to its end and waits for another. */
let resting: ParquetThread | undefined;

/** Parquet, one row group in memory at a time; all compression types of Parquet. */
export async function* parquetRecords(files: Files, path: string): AsyncGenerator<NumberedRecord> {
  await files.size(path); // it is there, and a regular file
  const thread = resting?.usable === true ? resting : new ParquetThread();
  resting = undefined;
  let [line, ended] = [0, false];
  try {
    thread.open(files.resolve(path));
    for (;;) {
      const reply = await thread.next();
      ended = !('names' in reply);
      if ('end' in reply) return;
      if ('failed' in reply)
        throw new DatasetError('invalidParquet', { file: path, problem: reply.failed });
      for (const record of buildRecords(reply)) yield { record, line: ++line };
    }
  } finally {
    if (ended && thread.usable && resting === undefined) {
      resting = thread;
      thread.rest();
    } else await thread.end();
  }
}

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Kernel } from './kernel.js';
import type { WasmMemory } from './web-assembly.js';

/**
 * Number of partitions of each job, whatever the number of threads: sums over partitions in their
 * order are the same on every machine.
 */
export const PARTITIONS = 4;

/**
 * Positions of the shared integers in the control block: the next partition to claim, partitions
 * done, the number of the current job; pages [low, high) that are still to be touched; the size of
 * the memory in WebAssembly pages; partitions done by workers, whether a worker has failed; one
 * integer that never changes.
 */
export const CONTROL = {
  next: 0,
  done: 1,
  turn: 2,
  low: 3,
  high: 4,
  pages: 5,
  helped: 6,
  failed: 7,
  never: 8,
} as const;
/** Number of integers in the control block. */
export const CONTROL_NUMBERS = 16;

/** Data that a worker starts with; the plan of the partitions follows as a message. */
export interface WorkerPoolData {
  readonly memory: WasmMemory;
  readonly control: number;
  readonly port: MessagePort;
}

/** Bytes per page of the operating system. */
export const TOUCHED = 4096;
/** Bytes per page of WebAssembly. */
export const WASM_PAGE = 65536;
/**
 * Starting a worker takes a few tenths of a second: fits on fewer bytes finish sooner without one.
 */
const WORTH_BYTES = 32 * 2 ** 20;
/**
 * A partition may be lost with its worker, so the wait for it checks for failures at this interval.
 */
const LOOK_MS = 200;

/**
 * Worker threads that help with one fit, on the memory of its kernel. Workers claim partitions,
 * nobody assigns them: a worker that is late finds its partitions done by the others, and without
 * any worker the caller computes all of them.
 */
export class WorkerPool {
  readonly #control: Int32Array;
  readonly #controlAt: number;
  #threads: { readonly worker: Worker; readonly port: MessagePort }[] = [];
  #error: Error | undefined;

  /** `cores`: threads that may work at the same time, including the caller's. */
  constructor(
    private readonly kernel: Kernel,
    private readonly body: URL,
    private readonly cores: number,
    private readonly worth = WORTH_BYTES,
  ) {
    this.#controlAt = kernel.allocate(CONTROL_NUMBERS);
    this.#control = new Int32Array(kernel.memory.buffer, this.#controlAt, CONTROL_NUMBERS);
    this.#control[CONTROL.next] = PARTITIONS;
  }

  /** Partitions done by threads other than the caller's. */
  get helped(): number {
    return Atomics.load(this.#control, CONTROL.helped);
  }

  /**
   * Lets workers touch the pages of a range from its end on while the caller fills it from its
   * start: the first touch of a page is a page fault, and page faults take half the time of a fit
   * on gigabytes. Starts the workers if the range is large enough.
   */
  touch(from: number, to: number): void {
    if (to - from >= this.worth) this.#begin();
    if (this.#threads.length === 0) return;
    this.reached(from);
    Atomics.store(this.#control, CONTROL.high, Math.floor(to / TOUCHED));
    this.#wake();
  }

  /** Says that the caller has filled the touched range up to this byte. */
  reached(address: number): void {
    if (this.#threads.length > 0)
      Atomics.store(this.#control, CONTROL.low, Math.ceil(address / TOUCHED));
  }

  /**
   * Sends the workers the plan of the partitions; `plan` is cloned. All memory that partitions use
   * must be allocated before.
   */
  assign(plan: object): void {
    for (const { port } of this.#threads) port.postMessage(plan);
  }

  /**
   * Computes every partition once, on whichever thread is free.
   * @throws what a partition threw.
   */
  run(runPartition: (index: number) => void): void {
    const control = this.#control;
    if (this.#threads.length === 0) {
      for (let index = 0; index < PARTITIONS; index++) runPartition(index);
      return;
    }
    Atomics.store(control, CONTROL.done, 0);
    Atomics.store(control, CONTROL.next, 0);
    this.#wake();
    for (
      let index = Atomics.add(control, CONTROL.next, 1);
      index < PARTITIONS;
      index = Atomics.add(control, CONTROL.next, 1)
    ) {
      runPartition(index);
      Atomics.add(control, CONTROL.done, 1);
    }
    for (
      let done = Atomics.load(control, CONTROL.done);
      done < PARTITIONS;
      done = Atomics.load(control, CONTROL.done)
    ) {
      if (Atomics.load(control, CONTROL.failed) !== 0) break;
      Atomics.wait(control, CONTROL.done, done, LOOK_MS);
    }
    if (Atomics.load(control, CONTROL.failed) !== 0)
      throw this.#error ?? new Error('a worker thread of a fit has failed');
  }

  /** Terminates the workers. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #begin(): void {
    if (this.#threads.length > 0) return;
    this.#threads = Array.from({ length: Math.min(this.cores, PARTITIONS) - 1 }, () => {
      const { port1, port2 } = new MessageChannel();
      const data: WorkerPoolData = {
        memory: this.kernel.memory,
        control: this.#controlAt,
        port: port2,
      };
      const worker = new Worker(this.body, { workerData: data, transferList: [port2] });
      worker.once('error', (error) => (this.#error = error));
      worker.unref();
      port1.unref();
      return { worker, port: port1 };
    });
  }

  #wake(): void {
    Atomics.store(this.#control, CONTROL.pages, this.kernel.memory.buffer.byteLength / WASM_PAGE);
    Atomics.add(this.#control, CONTROL.turn, 1);
    Atomics.notify(this.#control, CONTROL.turn);
  }
}

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { Kernel } from './kernel.js';
import type { WasmMemory } from './web-assembly.js';

/**
 * Parts that each piece of work is cut into, whatever the number of threads: sums over lanes in
 * their order are the same on every machine.
 */
export const PARTITIONS = 4;

/**
 * Where the integers that threads share lie in the control block: the next lane to claim, lanes
 * done, the number of the call to work; pages [low, high) still
 * to be touched; the size of the memory in WebAssembly's pages; lanes done by threads, whether one
 * has failed; one that never changes.
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
/** Integers of the control block. */
export const CONTROL_NUMBERS = 16;

/** What a thread of a crew is begun with; the plan of the lanes comes later, through the port. */
export interface WorkerPoolData {
  readonly memory: WasmMemory;
  readonly control: number;
  readonly port: MessagePort;
}

/** Bytes of a page of the operating system. */
export const TOUCHED = 4096;
/** Bytes of a page of WebAssembly. */
export const WASM_PAGE = 65536;
/** A thread takes a few tenths of a second to begin: fits on fewer bytes are done before. */
const WORTH_BYTES = 32 * 2 ** 20;
/** A lane may die with its thread; so the wait for it looks up now and then. */
const LOOK_MS = 200;

/**
 * Threads that help with one fit, on the memory of its kernel. Lanes are claimed, not assigned: a
 * thread that is late finds its
 * lanes done by the others, and without any thread the caller does them all.
 */
export class WorkerPool {
  readonly #control: Int32Array;
  readonly #controlAt: number;
  #threads: { readonly worker: Worker; readonly port: MessagePort }[] = [];
  #error: Error | undefined;

  /** `cores`: threads that may work at once, the caller's included. */
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

  /** Lanes that other threads than the caller's have done. */
  get helped(): number {
    return Atomics.load(this.#control, CONTROL.helped);
  }

  /**
   * Has the pages of a range touched from its end on while the caller fills it from its start: the
   * first touch of a page is a fault,
   * and faults are half the time of a fit on gigabytes. Begins the threads where there is enough to
   * touch.
   */
  touch(from: number, to: number): void {
    if (to - from >= this.worth) this.#begin();
    if (this.#threads.length === 0) return;
    this.reached(from);
    Atomics.store(this.#control, CONTROL.high, Math.floor(to / TOUCHED));
    this.#wake();
  }

  /** The caller has filled the touched range up to this byte. */
  reached(address: number): void {
    if (this.#threads.length > 0)
      Atomics.store(this.#control, CONTROL.low, Math.ceil(address / TOUCHED));
  }

  /**
   * Tells the threads what a lane is; `plan` is cloned. All memory that lanes use must be there by
   * now.
   */
  assign(plan: object): void {
    for (const { port } of this.#threads) port.postMessage(plan);
  }

  /** Has every lane done once, by whoever is free. @throws what a lane threw. */
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
      throw this.#error ?? new Error('a thread that helps with a fit has failed');
  }

  /** Ends the threads. */
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

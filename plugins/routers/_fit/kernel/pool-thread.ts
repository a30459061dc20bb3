import { receiveMessageOnPort } from 'node:worker_threads';
import {
  CONTROL,
  CONTROL_NUMBERS,
  PARTITIONS,
  TOUCHED,
  WASM_PAGE,
  type WorkerPoolData,
} from './worker-pool.js';

/** Pages that a thread claims at once. */
const PAGES = 16;

/**
 * The loop of a worker of a {@link WorkerPool}: touch pages, compute partitions, sleep, until the
 * thread is terminated. `buildPartitionRunner` turns the plan that the fit has sent into a
 * function that computes one partition.
 */
export function serve<Plan>(
  { memory, control: controlAddress, port }: WorkerPoolData,
  buildPartitionRunner: (plan: Plan) => (index: number) => void,
): void {
  const control = new Int32Array(memory.buffer, controlAddress, CONTROL_NUMBERS);
  let runPartition: ((index: number) => void) | undefined;
  const claim = (): number => Atomics.add(control, CONTROL.next, 1);
  try {
    for (;;) {
      const turn = Atomics.load(control, CONTROL.turn);
      // a worker sees memory that another thread has grown with a delay
      while (memory.buffer.byteLength < Atomics.load(control, CONTROL.pages) * WASM_PAGE)
        Atomics.wait(control, CONTROL.never, 0, 1);
      const words = new Int32Array(memory.buffer);
      for (;;) {
        const high = Atomics.sub(control, CONTROL.high, PAGES);
        const low = Atomics.load(control, CONTROL.low);
        for (let page = high - 1; page >= Math.max(low, high - PAGES); page--)
          Atomics.or(words, (page * TOUCHED) / 4, 0);
        if (high - PAGES <= low) break;
      }
      for (let index = claim(); index < PARTITIONS; index = claim()) {
        runPartition ??= buildPartitionRunner(receiveMessageOnPort(port)?.message as Plan);
        runPartition(index);
        Atomics.add(control, CONTROL.helped, 1);
        Atomics.add(control, CONTROL.done, 1);
        Atomics.notify(control, CONTROL.done);
      }
      Atomics.wait(control, CONTROL.turn, turn);
    }
  } catch (error) {
    Atomics.store(control, CONTROL.failed, 1);
    Atomics.notify(control, CONTROL.done);
    throw error;
  }
}

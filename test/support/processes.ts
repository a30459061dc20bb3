/** Processes that a test has started and that must exit by themselves. */
import { setTimeout as wait } from 'node:timers/promises';
import { getProcessMark } from '../../plugins/models/_vllm/process-table.js';

const LONGEST_MS = 20_000;

/** How many of them run. */
export const running = async (pids: readonly number[]): Promise<number> =>
  (await Promise.all(pids.map(getProcessMark))).filter((mark) => mark !== null).length;

/** Waits until all of them have exited. */
export async function untilGone(pids: readonly number[]): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while ((await running(pids)) > 0) {
    if (performance.now() > end)
      throw new Error(`of the processes ${pids.join(', ')} some still run`);
    await wait(20);
  }
}

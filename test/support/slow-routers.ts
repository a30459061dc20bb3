import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../../storage/results/types.js';

/** Routers whose fits are slow, fail, or end their thread. */
export const ROUTERS = `
import { router } from 'routerxbench';
const fitted = (name, work) => {
  const Fitted = class {
    #bias = 0;
    fit = async (train, _validation, { seed, signal, progress }) => {
      await work(signal, progress);
      return { tensors: { bias: { shape: [1], data: Float32Array.of(seed) } }, meta: { rows: train.rows } };
    };
    restore = ({ tensors }) => { this.#bias = tensors.bias.data[0]; };
    score = ({ query }) => query.text.length + this.#bias;
  };
  router({ name, summary: name, needs: [] })(Fitted);
  return Fitted;
};
const wait = async (signal, progress) => {
  for (let epoch = 1; epoch <= 12; epoch++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    signal.throwIfAborted();
    progress({ epoch, epochs: 12 });
  }
};
export const Slow = fitted('slow', wait);
export const Unlucky = fitted('unlucky', () => { throw new Error('no luck today'); });
export const Quitting = fitted('quitting', () => process.exit(7));
export const Steady = fitted('steady', wait);
`;

/** Number of threads that fitted in the last call of a run. */
export async function fitThreads(folder: string, run: string): Promise<number> {
  return (
    JSON.parse(await readFile(join(folder, 'results/runs', run, 'run.json'), 'utf8')) as RunRecord
  ).fitThreads;
}

import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunRecord } from '../../../core/results/types.js';
import { writeFiles } from '../temporary.js';
import { inToyProject, rxbIn } from '../cli/toy-project.js';

/** Routers whose fits take a while, fail, or end the thread they are in. */
const ROUTERS = `
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
const CONFIG = { plugins: ['./toy-plugins', './slow.mjs'], routers: ['slow', 'unlucky', 'quitting', 'steady', 'prompt-length'] };

const record = async (folder: string, run: string): Promise<RunRecord> => JSON.parse(await readFile(join(folder, 'results/runs', run, 'run.json'), 'utf8')) as RunRecord;

describe('fits in threads', function () {
  this.timeout(60_000);

  it('a fit that throws or ends its thread costs its own router, by a code; the others are on the board', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, { 'slow.mjs': ROUTERS });
      const ran = await rxb('run');
      expect(ran.exitCode, ran.stderr).to.equal(2);
      expect(ran.stdout).to.match(/\| slow /).and.to.match(/\| steady /).and.not.to.match(/\| (unlucky|quitting) /);
      expect(ran.stderr).to.contain('RXB6004 Router "unlucky" failed: no luck today').and.to.contain('RXB6004 Router "quitting" failed: its thread ended');
      expect((await record(folder, 'toy')).fitThreads).to.be.at.least(2);
    }, CONFIG);
  });

  it('Ctrl-C stops them all with 130, and the same command finishes the rest', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, { 'slow.mjs': ROUTERS });
        const stopped = await rxbIn(folder, { interruptAt: 'fit slow seed 3' })('run');
        expect(stopped.exitCode, stopped.stderr).to.equal(130);
        const ran = await rxb('run');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(ran.stderr).not.to.contain('fit slow seed 1');
      },
      { ...CONFIG, routers: ['slow', 'steady'] },
    );
  });
});

import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LeaderboardSchema } from '../../storage/results/schema.js';
import type { Leaderboard, LeaderboardRow } from '../../storage/results/types.js';
import { writeFiles } from '../support/temporary.js';
import { inToyProject, toyConfig } from '../support/toy-project.js';

/**
 * A router that learns its option: it orders queries well where `skill` is 3, and its fit fails for
 * those of `failing`. `needs` is code.
 */
const tuned = (failing: readonly number[], needs = '[answer()]'): string => `
import { answer, samples, defineRouter, z } from 'routerxbench';
export const Tuned = defineRouter(
  {
    name: 'tuned',
    summary: 'Learns its option',
    needs: ${needs},
    options: z.strictObject({ skill: z.int().default(0) }),
    search: { skill: [1, 2, 3] },
  },
  ({ options: { skill: wanted } }) => {
    let skill;
    return {
      fit: async () => {
        if (${JSON.stringify(failing)}.includes(wanted)) throw new Error('no fit with ' + wanted);
        return { tensors: { skill: { shape: [1], data: Float32Array.of(wanted) } }, meta: {} };
      },
      restore: ({ tensors }) => { [skill] = tensors.skill.data; },
      score: ({ query, signals }) =>
        skill === 3 ? signals.answer.tokenLogprobs[0] : -query.text.length - skill,
    };
  },
);
`;

const config = (over: Readonly<Record<string, unknown>> = {}): string =>
  toyConfig({
    plugins: ['./toy-plugins', './tuned'],
    routers: ['tuned', 'prompt-length'],
    ...over,
  });

const project = (plugin: string): Readonly<Record<string, string>> => ({
  'tuned/package.json': JSON.stringify({
    name: 'tuned',
    version: '1.0.0',
    type: 'module',
    harness: { plugins: 'index.js' },
  }),
  'tuned/index.js': plugin,
  'harness.config.json': config(),
});

/** The row of the router on the leaderboard of the project. */
async function readRow(folder: string): Promise<LeaderboardRow | undefined> {
  const text = await readFile(join(folder, 'results/leaderboard.json'), 'utf8');
  const { rows } = LeaderboardSchema.parse(JSON.parse(text)) as Leaderboard;
  return rows.find(({ router }) => router === 'tuned');
}

describe('options that are chosen on validation rows', function () {
  this.timeout(240_000);

  it('are those with the best AUROC there; later stages and borrowed weights use them', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, project(tuned([2])));
      const ran = await rxb('run', '--quiet');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const first = await readRow(folder);
      expect(first?.chosen).to.deep.include({ trials: 4, options: { skill: 3 }, auroc: 1 });
      expect(first?.chosen?.configAuroc).to.be.below(1);
      expect(first?.metrics['OOD AVG']?.['auroc']?.value).to.equal(1);
      const page = await readFile(join(folder, 'results/leaderboard.md'), 'utf8');
      expect(page).to.match(/\| tuned \| skill 3 \| 4 \| .* \| 1\.000 \|/);

      for (const command of [['eval'], ['eval', '--weights', 'results/runs/toy']]) {
        const again = await rxb(...command, '--quiet');
        expect(again.exitCode, again.stderr).to.equal(0);
        expect((await readRow(folder))?.metrics).to.deep.equal(first?.metrics);
      }

      // what the config sets is not searched, and nothing is where it says so
      for (const over of [
        { routers: [{ use: 'tuned', options: { skill: 1 } }] },
        { protocol: { search: 1 } },
      ]) {
        await writeFiles(folder, { 'harness.config.json': config(over) });
        const plain = await rxb('run', '--quiet');
        expect(plain.exitCode, plain.stderr).to.equal(0);
        expect((await readRow(folder))?.chosen).to.equal(undefined);
        expect((await readRow(folder))?.metrics['OOD AVG']?.['auroc']?.value).to.be.below(1);
      }
    });
  });

  it('cost the router its row where no trial can be fitted, or where they change its signals', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, project(tuned([0, 1, 2, 3])));
      const failed = await rxb('run', '--quiet');
      expect(failed.exitCode, failed.stderr).to.equal(2);
      expect(failed.stderr)
        .to.match(/RXB\d+ [^]*no fit with 0/)
        .and.not.to.contain('no fit with 1');
      expect(failed.stdout).to.contain('prompt-length');

      await writeFiles(
        folder,
        project(
          tuned(
            [],
            '({ skill }) => (skill === 3 ? [answer(), samples({ n: 2, temperature: 1, maxTokens: 4, seed: 1 })] : [answer()])',
          ),
        ),
      );
      const changing = await rxb('run', '--quiet');
      expect(changing.exitCode, changing.stderr).to.equal(2);
      expect(changing.stderr).to.contain('RXB2106').and.to.contain('needs other signals');
      expect(changing.stdout).to.contain('prompt-length');
    });
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PairsLeaderboard } from '../../../analysis/report.js';
import { inToyProject } from '../../support/toy-project.js';
import { writeFiles } from '../../support/temporary.js';

/**
 * 40 questions: the large model is right in all, the middle one in short ones, the small one in
 * each fourth.
 */
const LINES = Array.from(
  { length: 40 },
  (_, i) =>
    `${JSON.stringify({ prompt: `Question ${'x'.repeat(i)}?`, small: i % 4 === 0 ? 1 : 0, middle: i < 20 ? 1 : 0, large: 1 })}\n`,
).join('');
const recorded = (model: string): object => ({ use: 'recorded', options: { model } });
const fields = Object.fromEntries(
  ['small', 'middle', 'large'].map((name) => [name, { grade: name }]),
);
const CONFIG = {
  models: { weak: recorded('small'), strong: recorded('large') },
  datasets: {
    inDomain: [
      {
        use: 'jsonl',
        as: 'asked',
        options: { file: 'asked.jsonl', recorded: fields, scorer: 'recorded', licence: 'MIT' },
      },
    ],
  },
  routers: ['prompt-length'],
};

describe('rxb pairs', function () {
  this.timeout(300_000);

  it('runs every two recorded models, the worse one as the weak one, and boards them together', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, { 'asked.jsonl': LINES });
      const ran = await rxb('pairs', '--quiet', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const board = JSON.parse(ran.stdout) as PairsLeaderboard;
      expect(
        board.pairs.map(({ run, weak, strong, weakScore, strongScore }) => [
          run,
          weak,
          strong,
          weakScore,
          strongScore,
        ]),
      ).to.deep.equal([
        ['toy-small-middle', 'small', 'middle', 0.25, 0.5],
        ['toy-small-large', 'small', 'large', 0.25, 1],
        ['toy-middle-large', 'middle', 'large', 0.5, 1],
      ]);
      // the middle model knows the short ones
      expect(board.pairs[2]?.values['prompt-length']).to.include({ value: 1 });
      const own = JSON.parse(
        await readFile(
          join(folder, 'results/runs/toy-middle-large/prompt-length/asked.json'),
          'utf8',
        ),
      ) as { readonly metrics: { readonly auroc: { readonly value: number } } };
      expect(own.metrics.auroc.value).to.equal(1);
      expect(await readFile(join(folder, 'results/pairs.md'), 'utf8')).to.contain(
        '| middle | 0.500 | large | 1.000 | 1.000* |',
      );
      const one = await rxb('pairs', '--quiet', '--models', 'small,large');
      expect(one.stdout).to.contain('1 pair, with a run of its own');
      for (const [args, code] of [
        [['--models', 'small,huge'], 'RXB3010'],
        [['--models', 'small'], 'RXB3010'],
      ] as const)
        expect((await rxb('pairs', '--quiet', ...args)).stderr).to.contain(code);
    }, CONFIG);
    await inToyProject(
      async ({ rxb }) => expect((await rxb('pairs', '--quiet')).stderr).to.contain('RXB3010'),
      {},
    );
  });
});

import { expect } from 'chai';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rxb } from '../support/rxb.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';

const ROWS = 100_000;
/** MiB of heap: 1,100 bytes a row and 90 MiB for everything else. */
const HEAP = 200;

function* lines(split: string, rows: number): Generator<string> {
  for (let i = 0; i < rows; i++) {
    const mixed = Math.imul(i, 2654435761) >>> 0;
    yield `${JSON.stringify({
      id: `${split}-${i}`,
      prompt: `${split} question ${mixed.toString(36)} ${'long '.repeat(mixed % 9)}${i}`,
      small: mixed % 9 < 4 ? 1 : 0,
      large: mixed % 3 === 0 ? 0 : 1,
      tokens: 100 + (i % 50),
      usd: 0.01,
    })}\n`;
  }
}

const buildSet = (name: string, splits: object): object => ({
  use: 'jsonl',
  as: name,
  options: {
    ...splits,
    fields: { id: 'id' },
    recorded: {
      small: { grade: 'small', promptTokens: 'tokens', completionTokens: { value: 10 } },
      large: { grade: 'large', cost: 'usd' },
    },
    scorer: 'recorded',
    licence: 'MIT',
  },
});

describe('a hundred thousand recorded rows', () => {
  // a second set, so that questions are compared as well
  it(`are measured, compared and shown with a heap of ${HEAP} MiB`, async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'node_modules'));
      await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
      for (const [name, rows] of [
        ['many', ROWS],
        ['few', 300],
      ] as const)
        await pipeline(
          Readable.from(lines(name, rows)),
          createWriteStream(join(folder, `${name}.jsonl`)),
        );
      await writeFiles(folder, {
        'harness.config.json': JSON.stringify({
          name: 'scale',
          models: {
            weak: {
              use: 'recorded',
              options: { model: 'small', price: { prompt: 1, completion: 2 } },
            },
            strong: { use: 'recorded', options: { model: 'large' } },
          },
          datasets: {
            inDomain: ['many', 'few'].map((name) => buildSet(name, { file: `${name}.jsonl` })),
          },
          routers: ['prompt-length', { use: 'prompt-length', as: 'again' }],
          statistics: { resamples: 100 },
        }),
      });
      const bounded = { NODE_OPTIONS: `--max-old-space-size=${HEAP}` };
      const run = await rxb(folder, ['run', '--quiet'], bounded);
      expect(run.exitCode, run.stderr.slice(-2000)).to.equal(0);
      const stored = await readFile(
        join(folder, 'results/runs/scale/prompt-length/many.json'),
        'utf8',
      );
      expect((JSON.parse(stored) as { readonly rows: object }).rows).to.deep.include({
        total: ROWS,
        scored: ROWS,
        nullConfidence: 0,
      });
      const shown = await rxb(folder, ['leaderboard'], bounded);
      expect(shown.exitCode, shown.stderr).to.equal(0);
      expect(shown.stdout).to.contain('prompt-length');
      const compared = await rxb(folder, ['compare', 'scale', 'scale'], bounded);
      expect(compared.exitCode, compared.stderr).to.equal(0);
    });
  });
});

import { expect } from 'chai';
import { execa } from 'execa';
import { cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RouterResult } from '../../storage/results/types.js';
import { inTemporaryFolder } from '../support/temporary.js';

/** Compares numbers to 1e-4 (relative for large ones), everything else exactly. */
function expectAgreement(ours: unknown, theirs: unknown, place: string): void {
  if (typeof ours === 'number' && typeof theirs === 'number')
    expect(ours, place).to.be.closeTo(theirs, 1e-4 * Math.max(1, Math.abs(theirs)));
  else if (
    typeof ours === 'object' &&
    ours !== null &&
    typeof theirs === 'object' &&
    theirs !== null
  ) {
    expect(Object.keys(ours), place).to.deep.equal(Object.keys(theirs));
    for (const [name, value] of Object.entries(ours))
      expectAgreement(value, (theirs as Record<string, unknown>)[name], `${place}.${name}`);
  } else expect(ours, place).to.equal(theirs);
}

describe('the two commands of README, in a fresh copy', () => {
  it('install, run to the leaderboard with model calls, and again without any', async () => {
    const readme = await readFile('README.md', 'utf8');
    const [start, test] = ['npm ci && npm start', 'npm ci && npm test'];
    // CI runs the second one itself
    for (const line of [start, test]) expect(readme).to.contain(`\`\`\`sh\n${line}\n\`\`\``);
    const { stdout: listed } = await execa('git', ['ls-files']);
    await inTemporaryFolder(async (folder) => {
      const copy = join(folder, 'routerxbench');
      for (const file of listed.split('\n')) await cp(file, join(copy, file));
      const sh = async (command: string): Promise<string> =>
        (await execa('sh', ['-c', command], { cwd: copy, env: { NO_COLOR: '1' } })).stdout;
      const first = await sh(start);
      expect(first)
        .to.match(/\| +1(–\d+)? \| /)
        .and.to.contain('OOD AVG')
        .and.to.contain('(oracle)');
      expect(Number(/(\d+) model calls \(weak /.exec(first)?.[1])).to.be.greaterThan(10_000);
      expect(await sh('npm start')).to.contain('0 model calls: all work was finished before');
      // the committed leaderboard is the result of this run
      const [made, committed] = await Promise.all(
        [copy, '.'].map(
          async (root) =>
            JSON.parse(await readFile(join(root, 'results/leaderboard.json'), 'utf8')) as {
              readonly columns: unknown;
              readonly rows: readonly { readonly router: string }[];
            },
        ),
      );
      expect(made?.rows).to.have.length.greaterThan(30);
      expectAgreement(made?.columns, committed?.columns, 'columns');
      expectAgreement(made?.rows, committed?.rows, 'rows');
      // the table of models/tiny/README.md was measured in this run
      const table = [
        ...(await readFile('models/tiny/README.md', 'utf8')).matchAll(
          /^\| (tiny-[a-z0-9-]+)(?: \(out of domain\))? \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|$/gm,
        ),
      ];
      expect(table).to.have.length(6);
      for (const [, set, ...told] of table) {
        const mean = async (control: string): Promise<number> => {
          const { curve } = JSON.parse(
            await readFile(join(copy, 'results/runs/tiny', control, `${String(set)}.json`), 'utf8'),
          ) as RouterResult;
          return curve[0]?.[1] ?? NaN;
        };
        const [weak, strong] = [await mean('always-weak'), await mean('always-strong')];
        for (const [i, value] of [weak, strong, strong - weak].entries())
          expect(Number(told[i]), set).to.be.closeTo(value, 0.00051);
      }
      expect(
        (await stat(join(copy, 'results/runs/tiny/curves/tiny-choice10.svg'))).size,
      ).to.be.greaterThan(1000);
    });
  });
});

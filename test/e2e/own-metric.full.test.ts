import { expect } from 'chai';
import { execa } from 'execa';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Leaderboard } from '../../storage/results/types.js';
import { gateConfig, writeGateProject } from '../support/gate-project.js';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';

const METRIC = { use: 'worst-tenth', as: 'worst-fifth', options: { share: 0.2 } };
const config = gateConfig({
  plugins: ['./plugins', './sums'],
  routers: ['small-sums', 'prompt-length'],
  metrics: ['worst-tenth', METRIC],
  protocol: { rankBy: { metric: 'worst-fifth', column: 'ID AVG' } },
  gate: { metrics: { 'worst-fifth': { margin: 0.02 } } },
});

/** A router in a package without datasets, so that it is ranked. A larger `signal` is better. */
const sums = (signal: number): Readonly<Record<string, string>> => ({
  'sums/package.json':
    '{ "name": "sums", "version": "1.0.0", "type": "module", "harness": { "plugins": "index.js" } }',
  'sums/index.js': `import { defineRouter } from 'routerxbench';
export const Sums = defineRouter({ name: 'small-sums', summary: 'Guesses', needs: [] }, () => ({
  score: ({ query }) => {
    const [a, b, i] = query.text.match(/\\d+/g).map(Number);
    return (${signal} * -(a + b)) / 60 + ((Math.sin(i * 12.9898) * 43758.5453) % 1);
  },
}));
`,
});

describe('a third-party metric and reporter', function () {
  this.timeout(600_000);

  it('are installed with npm: the metric ranks the leaderboard and fails a gate, the reporter writes both', async () => {
    await inTemporaryFolder(async (folder) => {
      const rxb = rxbIn(folder);
      await writeGateProject(folder, 3);
      await writeFiles(folder, { '.npmrc': 'ignore-scripts=true\n', ...sums(3) });
      const npm = async (...args: readonly string[]): Promise<string> =>
        (await execa('npm', [...args], { cwd: folder, env: { npm_config_loglevel: 'error' } }))
          .stdout;
      const packed = await npm(
        ...['pack', '--pack-destination', folder, resolve('test/fixtures/own-metric')],
      );
      await npm(
        ...['install', '--offline', '--no-audit', '--no-fund', '--legacy-peer-deps'],
        join(folder, packed.trim().split('\n').at(-1) as string),
        resolve('.'),
      );

      const listed = await rxb('list', 'metrics', '--json');
      expect(listed.stdout, listed.stderr)
        .to.contain('"worst-tenth"')
        .and.to.contain('"rxb-plugin-own-metric"')
        .and.to.contain('"auroc"');

      // found, but not loaded before a config names it
      const unnamed = await rxb('run', '--quiet', '--metric', 'worst-tenth');
      expect([unnamed.exitCode, unnamed.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB1005'),
      );
      await writeFiles(folder, {
        'harness.config.json': config.replace('"metric":"worst-fifth"', '"metric":"worst-fith"'),
      });
      const misspelt = await rxb('run', '--quiet');
      expect([misspelt.exitCode, misspelt.stderr]).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 2 && text.includes('RXB2107') && text.includes('worst-fifth'),
      );

      await writeFiles(folder, { 'harness.config.json': config });
      const run = await rxb('run', '--quiet');
      expect(run.exitCode, run.stderr).to.equal(0);
      const leaderboard = JSON.parse(
        await readFile(join(folder, 'results/leaderboard.json'), 'utf8'),
      ) as Leaderboard;
      expect(leaderboard.rankedBy.metric).to.equal('worst-fifth');
      const [first, second] = leaderboard.rows;
      expect([first?.router, first?.rank, second?.rank]).to.deep.equal(['small-sums', 1, 2]);
      // small-sums is never wrong on its surest rows, so its value is 1 in every resample
      expect(first?.metrics['ID AVG']?.['worst-tenth'])
        .to.have.property('noCi')
        .that.contains('in every resample');
      for (const metric of ['worst-tenth', 'worst-fifth'])
        expect(second?.metrics['ID AVG']?.[metric], metric).to.have.property('ci').with.length(2);
      expect(run.stdout).to.match(/\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]/);

      const reported = await rxb(
        ...['run', '--quiet', '--reporter', 'one-line', '--reporter', 'one-line=winner.txt'],
      );
      expect(reported.exitCode, reported.stderr).to.equal(0);
      const winner = await readFile(join(folder, 'winner.txt'), 'utf8');
      expect(winner).to.match(/^small-sums wins with worst-fifth [01]\.\d{3}\n$/);
      expect(reported.stdout).to.contain(winner.trim());

      const accepted = await rxb('baseline', 'accept', '--reason', 'the first one');
      expect(accepted.exitCode, accepted.stderr).to.equal(0);
      expect((await rxb('check')).exitCode).to.equal(0);

      await writeFiles(folder, sums(0.05));
      for (const name of ['artifacts', 'runs'])
        await execa('rm', ['-rf', join(folder, 'results', name)]);
      const worse = await rxb('run', '--quiet', '--name', 'worse');
      expect(worse.exitCode, worse.stderr).to.equal(0);
      const checked = await rxb('check', '--run', 'worse', '--reporter', 'one-line');
      expect(checked.exitCode, checked.stdout + checked.stderr).to.equal(4);
      expect(checked.stdout).to.match(/^fail: .*small-sums worst-fifth/);
      const compared = await rxb(
        ...['compare', 'results/baseline.json', 'worse', '--metrics', 'worst-fifth', '--json'],
      );
      expect(compared.stdout, compared.stderr)
        .to.contain('"pairing": "paired"')
        .and.to.contain('"ci"');
    });
  });
});

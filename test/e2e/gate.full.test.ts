import { expect } from 'chai';
import { execa } from 'execa';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BaselineSchema } from '../../storage/results/schema.js';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { gateConfig, gatePlugins, writeGateProject } from '../support/gate-project.js';

interface Checked {
  readonly verdict: string;
  readonly checks: readonly {
    readonly router: string;
    readonly metric: string;
    readonly verdict: string;
    readonly improved: boolean;
    readonly difference: { readonly pairing: string };
  }[];
}

describe('the gate', function () {
  this.timeout(600_000);

  it('fails for a regression, passes for an improvement, and reports a sample that is too small, in a git repository', async () => {
    await inTemporaryFolder(async (folder) => {
      const rxb = rxbIn(folder);
      const git = async (...args: readonly string[]): Promise<string> =>
        (
          await execa(
            'git',
            [
              '-c',
              'user.name=t',
              '-c',
              'user.email=t@example.org',
              '-c',
              'commit.gpgsign=false',
              ...args,
            ],
            { cwd: folder },
          )
        ).stdout;
      /** As in a fresh checkout: there are no scores of other code. */
      const run = async (...args: readonly string[]): Promise<void> => {
        for (const name of ['artifacts', 'runs'])
          await rm(join(folder, 'results', name), { recursive: true, force: true });
        const ran = await rxb('run', '--quiet', ...args);
        expect(ran.exitCode, ran.stderr).to.equal(0);
      };
      await writeGateProject(folder, 0.7);
      await git('init', '-q', '-b', 'main');

      const none = await rxb('check');
      expect([none.exitCode, none.stderr], 'no baseline yet').to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB8002'),
      );
      await run('--limit', '40', '--name', 'gate');
      const partial = await rxb('baseline', 'accept', '--reason', 'too early');
      expect([partial.exitCode, partial.stderr]).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 2 &&
          text.includes('RXB8005') &&
          text.includes('is of a part (limit-40) of the config'),
      );
      await run();
      const accepted = await rxb('baseline', 'accept', '--reason', 'the first one');
      expect(accepted.stdout, accepted.stderr).to.contain('2 routers on 1 set');
      await git('add', '-A');
      await git('commit', '-qm', 'baseline');
      const baseline = await readFile(join(folder, 'results/baseline.json'), 'utf8');
      BaselineSchema.parse(JSON.parse(baseline));
      expect(baseline).to.contain('"reason": "the first one"').and.to.not.contain(folder);

      const same = await rxb('check', '--json');
      expect(
        (JSON.parse(same.stdout) as Checked).checks.map(({ verdict, difference }) => [
          verdict,
          difference.pairing,
        ]),
      ).to.deep.equal(Array.from({ length: 4 }, () => ['pass', 'identical']));

      await writeFiles(folder, { 'plugins/index.js': gatePlugins(0.1) });
      await git('commit', '-qam', 'worse');
      await run();
      const summary = join(folder, 'summary.md');
      const red = await rxbIn(folder, {
        env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary },
      })('check', '--baseline', 'git:HEAD~1', '--junit', 'junit.xml', '--markdown', 'check.md');
      expect(red.exitCode, red.stdout + red.stderr).to.equal(4);
      expect(red.stdout)
        .to.match(/✘ +│ gate-guess +│ ID AVG +│ auroc/)
        .and.to.contain('paired by query')
        .and.to.contain('✘ failed');
      expect(red.stderr).to.contain(
        '::error title=gate-guess%3A auroc on ID AVG::worse by more than 0.02',
      );
      expect(await readFile(join(folder, 'junit.xml'), 'utf8')).to.contain(
        '<testsuite name="gate-guess" tests="2" failures="2"',
      );
      expect(await readFile(summary, 'utf8')).to.equal(
        await readFile(join(folder, 'check.md'), 'utf8'),
      );

      await writeFiles(folder, { 'plugins/index.js': gatePlugins(4) });
      await git('commit', '-qam', 'better');
      await run();
      const green = await rxb('check', '--baseline', 'git:HEAD~2', '--json');
      expect(green.exitCode, green.stdout + green.stderr).to.equal(0);
      const { verdict, checks } = JSON.parse(green.stdout) as Checked;
      expect([
        verdict,
        checks.filter(({ router }) => router === 'gate-guess').map(({ improved }) => improved),
      ]).to.deep.equal(['pass', [true, true]]);
      expect(
        await readFile(join(folder, 'results/baseline.json'), 'utf8'),
        'a check never writes the baseline',
      ).to.equal(baseline);

      const compared = await rxb(
        'compare',
        'git:HEAD',
        'gate',
        '--metrics',
        'auroc',
        '--flips',
        '1',
      );
      expect(compared.stdout, compared.stderr)
        .to.match(
          /gate-guess on gate-sums at 50 % calls: \d+ of 400 queries flipped, \d+ answers better, \d+ worse \(right .*McNemar p/,
        )
        .and.to.match(/test-\d+: (weak → strong|strong → weak)/);
      const unpaired = await rxb(
        'compare',
        'results/leaderboard.json',
        'gate',
        '--metrics',
        'auroc',
        '--json',
      );
      expect(
        (JSON.parse(unpaired.stdout) as { differences: { pairing: string }[] }).differences.map(
          ({ pairing }) => pairing,
        ),
      )
        .to.include('unpaired')
        .and.to.not.include('paired');

      await writeFiles(folder, { 'harness.config.json': gateConfig({ limit: 60 }) });
      await run();
      const other = await rxb('check');
      expect([other.exitCode, other.stderr]).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 2 && text.includes('RXB8001') && text.includes('number of rows differs'),
      );
      expect((await rxb('baseline', 'accept', '--reason', 'a tiny sample')).exitCode).to.equal(0);
      await writeFiles(folder, { 'plugins/index.js': gatePlugins(2) });
      await run();
      const unsure = await rxb('check');
      expect(unsure.stdout, unsure.stderr).to.match(/\? inconclusive: 4 checks/);
      expect([unsure.exitCode, (await rxb('check', '--strict')).exitCode]).to.deep.equal([0, 5]);

      await writeFiles(folder, {
        'harness.config.json': gateConfig({ limit: 60, routers: ['gate-guess'] }),
      });
      await run();
      const lacking = await rxb('check');
      expect([lacking.exitCode, lacking.stderr]).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 2 && text.includes('RXB8004') && text.includes('no result of prompt-length'),
      );
      const nowhere = await rxb('check', '--baseline', 'git:no-such-branch');
      expect([nowhere.exitCode, nowhere.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB8003'),
      );
    });
  });
});

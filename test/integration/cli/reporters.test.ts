import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inToyProject, rxbIn, toyConfig } from '../../support/toy-project.js';
import { writeFiles } from '../../support/temporary.js';

/** A third-party package: a reporter that works, one that throws, one that reports checks only. */
const REPORTERS = {
  'reporters/package.json': JSON.stringify({
    name: 'their-reporters',
    version: '1.0.0',
    type: 'module',
    harness: { plugins: 'index.js' },
  }),
  'reporters/index.js': `
import { defineReporter, z } from 'routerxbench';
export const Winner = defineReporter(
  { name: 'winner', summary: 'The best router', reports: ['run'], options: z.strictObject({ file: z.string().optional() }) },
  ({ options }) => ({
    report: async ({ leaderboard }, output) => {
      const text = 'winner: ' + leaderboard.rows.find(({ rank }) => rank === 1).router + '\\n';
      if (options.file === undefined) output.print(text);
      else await output.write(options.file, text);
    },
  }),
);
export const Broken = defineReporter(
  { name: 'broken', summary: 'Always throws', reports: ['run'] },
  () => ({ report: () => { throw new TypeError('no such column'); } }),
);
export const Checks = defineReporter(
  { name: 'checks-only', summary: 'Reports checks', reports: ['check'] },
  () => ({ report: (_report, { print }) => print('checked\\n') }),
);
`,
};
const PLUGINS = { plugins: ['./toy-plugins', './reporters'] };

describe('reporters on the command line', function () {
  this.timeout(240_000);

  it('are those of --reporter, else of RXB_REPORTERS, else of the config, else the default ones', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, REPORTERS);
      const first = await rxb('run');
      expect(first.exitCode, first.stderr).to.equal(0);
      expect(first.stdout).to.match(/^auroc, higher is better; ranks are on .*\n\n\|\s*rank\s*\|/);
      expect(first.stderr).to.contain(`Wrote ${join('results', 'leaderboard.md')}`);
      const curves = await readdir(join(folder, 'results/runs/toy/curves'));
      expect(curves.sort()).to.deep.equal(['toy-far.svg', 'toy-near.svg']);

      const named = await rxb('leaderboard', '--reporter', 'winner', '--reporter', 'csv=out.csv');
      expect(named.stdout).to.equal('winner: prompt-length');
      expect(await readFile(join(folder, 'out.csv'), 'utf8')).to.match(/^router,rank,column,/);

      await writeFiles(folder, {
        'harness.config.json': toyConfig({
          ...PLUGINS,
          reporters: [['winner', { file: 'w.txt' }]],
        }),
      });
      expect((await rxb('leaderboard')).stdout).to.equal('');
      expect(await readFile(join(folder, 'w.txt'), 'utf8')).to.equal('winner: prompt-length\n');
      const fromEnv = rxbIn(folder, { env: { RXB_REPORTERS: 'latex,csv=env.csv' } });
      expect((await fromEnv('leaderboard')).stdout).to.match(/^\\begin\{table\}/);
      expect(await readdir(folder)).to.include('env.csv');
      expect((await fromEnv('leaderboard', '--reporter', 'winner')).stdout).to.match(/^winner/);
    }, PLUGINS);
  });

  it('say nothing on stdout with --json, and write their files', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, REPORTERS);
      const args = ['--reporter', 'winner', '--reporter', 'winner=w.txt'];
      const ran = await rxb('run', '--limit', '20', '--json', ...args);
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(JSON.parse(ran.stdout)).to.include.keys('run', 'modelCalls', 'board', 'failures');
      expect(await readFile(join(folder, 'w.txt'), 'utf8')).to.equal('winner: prompt-length\n');
      expect(
        await readdir(join(folder, 'results')),
        'other reporters take the place of the default ones',
      ).not.to.include('leaderboard.md');
    }, PLUGINS);
  });

  it('that throw are named by a code; the others still write, and the command exits with 2', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, REPORTERS);
      const args = ['--reporter', 'broken', '--reporter', 'winner'];
      const ran = await rxb('run', '--limit', '20', ...args);
      expect(ran.exitCode).to.equal(2);
      expect(ran.stderr).to.match(/RXB2110 Reporter "broken" failed: no such column/);
      expect(ran.stdout).to.equal('winner: prompt-length');
    }, PLUGINS);
  });

  it('that are unknown, take no such option or cannot report a run are refused before the run', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, REPORTERS);
      for (const [reporter, code, text] of [
        ['markdwn', 'RXB2108', 'Did you mean "markdown"?'],
        ['svg=curves.svg', 'RXB2105', 'reporter "svg"'],
        ['checks-only', 'RXB2109', 'winner'],
        ['=x', 'RXB1005', 'NAME=FILE'],
      ] as const) {
        const ran = await rxb('run', '--reporter', reporter);
        expect([reporter, ran.exitCode]).to.deep.equal([reporter, 2]);
        expect(ran.stderr).to.contain(code).and.to.contain(text);
      }
      expect(await readdir(folder)).not.to.include('results');
      const both = await rxb('leaderboard', '--reporter', 'csv', '--format', 'csv');
      expect(both.stderr).to.contain('RXB1005').and.to.contain('--format');
    }, PLUGINS);
  });

  it('of the config that cannot report a run are skipped, for the list is for every command', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, REPORTERS);
        const ran = await rxb('run', '--limit', '20');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(ran.stdout).to.equal('winner: prompt-length');
      },
      { ...PLUGINS, reporters: ['checks-only', 'winner'] },
    );
  });

  it('of a third-party package run in this process when they are named, and only then', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, REPORTERS);
        const shown = await rxb('show', 'winner');
        expect(shown.stdout).to.match(/reports: +run/);
        expect((await rxb('run')).exitCode).to.equal(0);
        const ran = await rxb('leaderboard', '--reporter', 'winner');
        expect(ran.stdout, ran.stderr).to.equal('winner: prompt-length');
      },
      { ...PLUGINS, isolation: {}, routers: ['prompt-length'] },
    );
  });
});

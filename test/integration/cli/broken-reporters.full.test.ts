import { lstat, mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { BROKEN_REPORTER_PACKAGE } from '../../support/broken-reporters.js';
import { inToyProject, rxbIn, type ToyProject } from '../../support/toy-project.js';
import { rejection, writeFiles } from '../../support/temporary.js';

/** A project with one finished run; the package of broken reporters is third-party. */
const inRunProject = async (work: (project: ToyProject) => Promise<void>): Promise<void> =>
  await inToyProject(
    async ({ folder }) => {
      await writeFiles(folder, BROKEN_REPORTER_PACKAGE);
      const rxb = rxbIn(folder, { killAfterSeconds: 50 }); // below the limit of 60 s
      const ran = await rxb('run', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(JSON.parse(ran.stdout)).to.include.keys('run', 'board');
      expect(ran.stderr).to.contain('from the metric');
      await work({ folder, rxb });
    },
    {
      plugins: ['./toy-plugins', './broken'],
      isolation: { inProcess: ['toy-plugins'] },
      metrics: ['loud'],
      reporters: ['table'],
    },
  );

describe('a broken reporter', function () {
  this.timeout(240_000);

  it('is named by RXB2110, and keeps no other one from writing', async () => {
    await inRunProject(async ({ rxb, folder }) => {
      for (const [name, problem] of [
        ['changes', 'read only'],
        ['sorts', 'read only'],
        ['never', 'it did not finish'],
        ['late', 'too late'],
        ['stray', 'nobody awaits this'],
        ['exits', 'process.exit(0) was called'],
        ['unawaited', 'Cannot write /proc/nodir/a.txt: ENOENT'],
        ['number', 'it must write text, but wrote number'],
        ['odd', 'cannot be shown as text'],
        ['missing', 'it has no method `report`'],
      ] as const) {
        const args = ['--reporter', name, '--reporter', 'best', '--reporter', 'best=best.txt'];
        const { exitCode, stdout, stderr } = await rxb('leaderboard', ...args);
        expect([name, exitCode], stderr).to.deep.equal([name, 2]);
        expect(stderr).to.contain(`RXB2110 Reporter "${name}" failed: `).and.to.contain(problem);
        expect(stdout).to.equal('best: prompt-length');
        expect(stderr).to.contain('Wrote best.txt.');
      }
      const replaced = await rxb('leaderboard', '--reporter', 'replaces', '--reporter', 'best');
      expect(replaced.stdout, replaced.stderr).to.equal('best: prompt-length');
      const left = await rxb('leaderboard', '--reporter', 'leaves');
      expect([left.exitCode, left.stdout], left.stderr).to.deep.equal([0, 'best: prompt-length']);
      expect((await rxb('leaderboard', '--reporter', 'closes')).exitCode).to.equal(0);
      const json = await rxb('leaderboard', '--json');
      const changed = await rxb('leaderboard', '--json', '--reporter', 'sorts');
      expect(changed.exitCode).to.equal(2);
      expect(changed.stdout).to.equal(json.stdout);
      expect(await readFile(join(folder, 'best.txt'), 'utf8')).to.equal('best: prompt-length\n');
    });
  });

  it('that never ends is given up after a minute, with all that it still does', async () => {
    await inRunProject(async ({ folder }) => {
      const rxb = rxbIn(folder, { killAfterSeconds: 120 });
      const ran = await rxb('leaderboard', '--reporter', 'hangs', '--reporter', 'best');
      expect(ran.exitCode, ran.stderr).to.equal(2);
      expect(ran.stderr).to.contain(
        'RXB2110 Reporter "hangs" failed: it did not finish within 60 s',
      );
      expect(ran.stdout).to.equal('best: prompt-length');
      const stopped = await rxbIn(folder, { interruptAt: 'I hang' })(
        'leaderboard',
        '--reporter',
        'hangs',
      );
      expect(stopped.exitCode, stopped.stderr).to.equal(130);
    });
  });

  it('that prints on its own does so to standard error', async () => {
    await inRunProject(async ({ rxb }) => {
      const named = await rxb('leaderboard', '--reporter', 'talks');
      expect(named.stdout, named.stderr).to.equal('best: prompt-length');
      expect(named.stderr).to.equal('from console.log\nfrom stdout.write');
      const json = await rxb('leaderboard', '--reporter', 'talks', '--json');
      expect(JSON.parse(json.stdout)).to.include.keys('rows');
      expect(json.stderr).to.contain('from stdout.write');
    });
  });

  it('or a bad file is named with the file, and nothing but files is replaced', async () => {
    await inRunProject(async ({ rxb, folder }) => {
      const at = (name: string): string => join(folder, name);
      await mkdir(at('folder'));
      await writeFile(at('file'), 'old');
      await writeFile(at('target.csv'), 'old');
      await symlink('target.csv', at('link.csv'));
      await symlink('/dev/full', at('full'));
      for (const [path, problem] of [
        ['/proc/nodir/j.xml', 'ENOENT'],
        [at('folder'), 'it is a folder'],
        [at('file/j.xml'), 'ENOTDIR'],
        [at('full'), 'ENOSPC'],
        ['/dev/stdout', 'open file'],
      ] as const) {
        const args = ['--reporter', `csv=${path}`, '--reporter', 'best'];
        const ran = await rxb('leaderboard', ...args);
        expect([path, ran.exitCode], ran.stderr).to.deep.equal([path, 2]);
        expect(ran.stderr)
          .to.contain(`RXB2110 Reporter "csv" failed: Cannot write ${path}: `)
          .and.to.contain(problem);
        expect(ran.stdout).to.equal('best: prompt-length');
      }
      expect((await lstat('/dev/full')).isCharacterDevice()).to.equal(true);
      const linked = await rxb('leaderboard', '--reporter', 'csv=link.csv');
      expect(linked.exitCode, linked.stderr).to.equal(0);
      expect(await readlink(at('link.csv'))).to.equal('target.csv');
      expect(await readFile(at('target.csv'), 'utf8')).to.match(/^router,rank,/);
    });
  });

  it('or two that write to one file, also through a link, are refused before the run', async () => {
    await inRunProject(async ({ rxb, folder }) => {
      await symlink('same.txt', join(folder, 'link.txt'));
      for (const args of [
        ['--reporter', 'best=same.txt', '--reporter', 'csv=./same.txt'],
        ['--reporter', 'best=same.txt', '--reporter', 'csv=link.txt'],
        ['--reporter', 'markdown=results/a.md', '--reporter', 'csv=results/a.md'],
      ]) {
        const ran = await rxb('run', ...args);
        expect(ran.exitCode, ran.stderr).to.equal(2);
        expect(ran.stderr).to.match(/RXB2111 Reporters "(best|markdown)" and "csv" both write to /);
      }
      expect(await rejection(lstat(join(folder, 'same.txt')))).to.have.property('code', 'ENOENT');
      const devices = ['--reporter', 'best=/dev/null', '--reporter', 'csv=/dev/null'];
      expect((await rxb('leaderboard', ...devices)).exitCode).to.equal(0);
      const twice = await rxb('run', '--reporter', 'svg', '--reporter', 'svg');
      expect(twice.stderr).to.contain('RXB2111 Reporters "svg" and "svg"');
    });
  });
});

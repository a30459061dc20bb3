import { expect } from 'chai';
import { execa } from 'execa';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunRecord } from '../../storage/results/types.js';
import { gateConfig, gatePlugins, writeGateProject } from '../support/gate-project.js';
import { stopRun, type Finished } from '../support/rxb.js';
import { inTemporaryFolder } from '../support/temporary.js';
import { install } from '../support/installed.js';

const THROWS = gatePlugins(3).replace('score = ({ query }) => {', '$&throw new Error("broken");');

/** The folder in which the packed package is installed, for all projects here. */
let base = '';

/** A project that uses the packed package, with an accepted baseline. */
async function withBaseline(
  work: (
    folder: string,
    rxb: (...args: readonly string[]) => Promise<Finished>,
  ) => Promise<unknown>,
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    await writeGateProject(folder, 3);
    await rm(join(folder, 'node_modules'), { recursive: true });
    await symlink(join(base, 'node_modules'), join(folder, 'node_modules'), 'dir');
    const rxb = async (...args: readonly string[]): Promise<Finished> => {
      const main = join(base, 'node_modules/routerxbench/dist/cli/main.js');
      const done = await execa(process.execPath, [main, ...args], { cwd: folder, reject: false });
      return { exitCode: done.exitCode, stdout: done.stdout, stderr: done.stderr };
    };
    for (const args of [
      ['run', '--quiet'],
      ['baseline', 'accept', '--reason', 'first'],
      ['check'],
    ]) {
      const done = await rxb(...args);
      expect(done.exitCode, `${args.join(' ')}: ${done.stderr}`).to.equal(0);
    }
    await work(folder, rxb);
  });
}

const record = async (folder: string): Promise<RunRecord> =>
  JSON.parse(await readFile(join(folder, 'results/runs/gate/run.json'), 'utf8')) as RunRecord;

describe('the gate, of what was not measured', function () {
  this.timeout(600_000);

  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'rxb-'));
    await install(base);
  });
  after(async () => {
    await rm(base, { recursive: true, force: true });
  });

  const expectRefusal = async (done: Promise<Finished>, text: string): Promise<void> => {
    const { exitCode, stderr } = await done;
    expect(exitCode, stderr).to.equal(2);
    expect(stderr).to.contain(text);
  };

  it('refuses a run in which a router failed, by its name; nothing of it is left or accepted', async () => {
    await withBaseline(async (folder, rxb) => {
      await writeFile(join(folder, 'plugins/index.js'), THROWS);
      const ran = await rxb('run', '--quiet');
      expect(ran.exitCode, ran.stderr).to.not.equal(0);
      await expectRefusal(rxb('check'), 'router gate-guess failed in run gate');
      await expectRefusal(rxb('baseline', 'accept', '--reason', 'x'), 'router gate-guess failed');
      expect(await readFile(join(folder, 'results/leaderboard.json'), 'utf8')).to.not.contain(
        'gate-guess',
      );
      await writeFile(join(folder, 'plugins/index.js'), gatePlugins(3));
      expect((await rxb('run', '--quiet')).exitCode).to.equal(0);
      expect((await rxb('check')).exitCode, 'repaired').to.equal(0);
    });
  });

  it('refuses a run without a router of the baseline', async () => {
    await withBaseline(async (folder, rxb) => {
      await writeFile(
        join(folder, 'harness.config.json'),
        gateConfig({ routers: ['prompt-length'] }),
      );
      expect((await rxb('run', '--quiet')).exitCode).to.equal(0);
      await expectRefusal(rxb('check'), 'run gate has no result of gate-guess');
    });
  });

  it('refuses other rows, and a run of a part, with what differs first', async () => {
    await withBaseline(async (folder, rxb) => {
      const board = await readFile(join(folder, 'results/leaderboard.json'), 'utf8');
      const part = await rxb('run', '--quiet', '--limit', '64', '--routers', 'prompt-length');
      expect(part.exitCode, part.stderr).to.equal(0);
      expect(await readFile(join(folder, 'results/leaderboard.json'), 'utf8')).to.equal(board);
      await expectRefusal(rxb('check', '--run', 'gate-prompt-length-limit-64'), 'is of a part');
      await writeFile(join(folder, 'harness.config.json'), gateConfig({ limit: 64 }));
      expect((await rxb('run', '--quiet')).exitCode).to.equal(0);
      const checked = await rxb('check');
      expect(checked.stderr.match(/RXB8001/g)).to.have.length(1);
      expect(checked.stderr).to.contain('the number of rows differs');
    });
  });

  it('refuses a folder that mixes rows of two runs', async () => {
    await withBaseline(async (folder, rxb) => {
      const runs = join(folder, 'results/runs');
      await rxb('run', '--quiet', '--limit', '64', '--name', 'small');
      for (const file of ['gate-sums.json', 'gate-sums.rows.jsonl'])
        await rename(join(runs, 'small/gate-guess', file), join(runs, 'gate/gate-guess', file));
      await expectRefusal(rxb('check'), 'RXB8006');
      await expectRefusal(rxb('baseline', 'accept', '--reason', 'x'), 'RXB8006');
    });
  });

  it('refuses what a killed run left, until it has come to its end', async () => {
    await withBaseline(async (folder, rxb) => {
      const before = (await record(folder)).calls.length;
      await writeFile(join(folder, 'plugins/index.js'), `${gatePlugins(3)}\n`);
      await stopRun(folder, 'SIGKILL', async () => (await record(folder)).calls.length > before);
      await expectRefusal(rxb('check'), 'did not come to its end');
      expect((await rxb('run', '--quiet')).exitCode).to.equal(0);
      expect((await rxb('check')).exitCode).to.equal(0);
      const { calls } = await record(folder);
      expect(calls.map(({ ended }) => ended)).to.deep.equal([true, false, true]);
    });
  });
});

import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  getProcessMark,
  getGroupMembers,
  runs,
  type ProcessMark,
} from '../../../plugins/models/_vllm/process-table.js';
import { freePort } from '../../support/openai-server/free-port.js';
import { writeVllm } from '../../support/openai-server/vllm.js';
import { inToyProject, rxbIn, toyConfig, type ToyProject } from '../../support/toy-project.js';

interface Record {
  readonly keeper: ProcessMark;
  readonly group: number;
  readonly members: readonly ProcessMark[];
}

interface Bench extends ToyProject {
  readonly file: string;
  readonly record: () => Promise<Record>;
  readonly configure: (options?: object) => Promise<void>;
}

/** A project whose weak model is served by a `vllm` on the PATH. */
const inServedProject = async (work: (bench: Bench) => Promise<void>): Promise<void> => {
  await inToyProject(async ({ folder }) => {
    await writeVllm(folder);
    const port = await freePort();
    const configure: Bench['configure'] = async (options = {}) =>
      await writeFile(
        join(folder, 'harness.config.json'),
        toyConfig({
          models: {
            weak: { use: 'vllm', options: { model: 'llama', port, stopSeconds: 3, ...options } },
            strong: { use: 'toy-strong' },
          },
          routers: ['prompt-length'],
        }),
      );
    await configure();
    const file = join(folder, 'results/servers', `weak-${port}.json`);
    const rxb = rxbIn(folder, { env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
    try {
      await work({
        folder,
        rxb,
        file,
        configure,
        record: async () => JSON.parse(await readFile(file, 'utf8')) as Record,
      });
    } finally {
      await rxb('stop');
    }
  });
};
const alive = async ({ keeper, members }: Record): Promise<number> =>
  (await Promise.all([keeper, ...members].map(runs))).filter(Boolean).length;

describe('rxb serve and stop', () => {
  it('start a server that outlives the command, find it again, lend it to a run, and end it', async () => {
    await inServedProject(async ({ folder, rxb, record }) => {
      const printed = await rxb('serve', 'weak', '--print');
      expect(printed.stdout).to.match(/^vllm serve llama --host 127\.0\.0\.1 --port \d+$/);
      const served = await rxb('serve', 'weak');
      expect(served.exitCode, served.stderr).to.equal(0);
      expect(served.stderr).to.include(`weak: ${printed.stdout}\n`).and.to.include('answers');
      expect(served.stdout).to.match(
        /^weak {2}http:\/\/127\.0\.0\.1:\d+\/v1 {2}started \(pid \d+, log results\/logs\/weak-\d+-.*\.log\)$/,
      );
      const running = await record();
      expect(await alive(running)).to.equal(1 + running.members.length);

      const again = await rxb('serve', '--json');
      expect(JSON.parse(again.stdout)).to.have.nested.property('servers[0].state', 'running');
      const ran = await rxb('prepare', '--limit', '4', '--only', 'answers');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(ran.stderr).to.include('is already running');
      expect(await alive(running), 'a run ends only what it has started').to.equal(
        1 + running.members.length,
      );

      const stopped = await rxb('stop', 'weak');
      expect(
        [stopped.exitCode, /weak {2}http.*stopped \(pid \d+/.test(stopped.stdout)],
        stopped.stdout,
      ).to.deep.equal([0, true]);
      expect(await alive(running)).to.equal(0);
      expect(await readdir(join(folder, 'results/servers'))).to.deep.equal([]);
      expect((await rxb('stop')).stdout).to.include(
        'nothing to stop: it was not started here, or it has ended',
      );
    });
  });

  it('never end a process that has got the number of one of theirs', async () => {
    await inServedProject(async ({ rxb, file, record }) => {
      await rxb('serve', 'weak');
      const running = await record();
      await rxb('stop', 'weak');
      const stranger = spawn('sleep', ['60']);
      try {
        const mark = (await getProcessMark(stranger.pid as number)) as ProcessMark;
        const recycled = { pid: mark.pid, start: `${mark.start.replace(/\d+$/, '')}1` };
        await writeFile(
          file,
          JSON.stringify({ ...running, keeper: recycled, members: [recycled] }),
        );
        const stopped = await rxb('stop', 'weak');
        expect(stopped.stdout).to.include('nothing to stop');
        expect(await runs(mark)).to.equal(true);
      } finally {
        stranger.kill('SIGKILL');
      }
    });
  });

  for (const [how, options] of [
    ['killed', {}],
    // its keeper takes secrets out of what it writes
    ['killed, and with it the way to the log', { env: { HF_TOKEN: { env: 'RXB_TEST_TOKEN' } } }],
  ] as const) {
    it(`end every process of a server whose keeper was ${how}`, async () => {
      await inServedProject(async ({ folder, rxb, record, configure }) => {
        await writeFile(join(folder, '.env'), 'RXB_TEST_TOKEN=canary-31c7\n');
        await configure(options);
        const served = await rxb('serve', 'weak');
        expect(served.exitCode, served.stderr).to.equal(0);
        const running = await record();
        process.kill(running.keeper.pid, 'SIGKILL');
        expect(
          await getGroupMembers(running.group),
          'the server and its engine process',
        ).to.have.length(2);
        expect((await rxb('stop', 'weak')).stdout).to.include('stopped');
        expect(await getGroupMembers(running.group)).to.deep.equal([]);
      });
    });
  }

  it('leave nothing behind where Ctrl-C comes while a server is loading', async () => {
    await inServedProject(async ({ folder, configure }) => {
      await configure({ env: { VLLM_FIXTURE: 'hangs' } });
      const ran = await rxbIn(folder, {
        env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
        interruptAt: 'still loading',
      })('serve', 'weak');
      expect(ran.exitCode, ran.stderr).to.equal(130);
      expect(ran.stderr).to.match(/weak: waiting for http.*, \d+ s: INFO still loading/);
      expect(await readdir(join(folder, 'results/servers'))).to.deep.equal([]);
    });
  });

  it('tell of a server that dies, of models without servers, and of names that the config does not have', async () => {
    await inServedProject(async ({ rxb, configure }) => {
      await configure({ env: { VLLM_FIXTURE: 'dies' } });
      const died = await rxb('serve', 'weak');
      expect([died.exitCode, died.stderr.includes('RXB4012')], died.stderr).to.deep.equal([
        3,
        true,
      ]);
      expect(died.stderr).to.include('    ValueError: Free memory on device cuda:0');
      const strong = await rxb('serve', 'strong', '--json');
      expect(
        [
          strong.exitCode,
          strong.stdout.includes('RXB4014') &&
            strong.stdout.includes('Choose from these models: weak.'),
        ],
        strong.stdout,
      ).to.deep.equal([2, true]);
      await configure({ apiKey: { env: 'RXB_TEST_NOT_SET' } });
      expect((await rxb('serve', 'weak')).stderr).to.include('RXB1004');
      expect((await rxb('stop', 'weak')).exitCode, 'to stop takes no key').to.equal(0);
      const unknown = await rxb('stop', 'waek');
      expect(
        [unknown.exitCode, unknown.stderr.includes('Did you mean "weak"?')],
        unknown.stderr,
      ).to.deep.equal([2, true]);
    });
  });
});

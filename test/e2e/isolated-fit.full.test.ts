import { expect } from 'chai';
import { execa } from 'execa';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inToyProject, toyConfig } from '../support/toy-project.js';
import { writeFiles } from '../support/temporary.js';
import { filesUnder, mayDiffer, RXB } from '../support/rxb.js';

const ROUTERS = ['patient', 'prompt-length'];

/** The toy project with a third-party router that is fitted. */
async function inPatientProject(work: (folder: string) => Promise<void>): Promise<void> {
  await inToyProject(async ({ folder }) => {
    await cp(resolve('test/fixtures/patient'), join(folder, 'patient'), { recursive: true });
    await mkdir(join(folder, 'patient/node_modules'));
    await symlink(resolve('.'), join(folder, 'patient/node_modules/routerxbench'), 'dir');
    const config = (inProcess: readonly string[]): string =>
      toyConfig({
        plugins: ['./toy-plugins', './patient'],
        routers: ROUTERS,
        protocol: { trainingSeeds: [1] },
        isolation: { inProcess },
      });
    await writeFiles(folder, {
      'harness.config.json': config(['toy-plugins']),
      'inside.config.json': config(['all']),
    });
    await work(folder);
  });
}

const start = (folder: string, ...args: readonly string[]) =>
  execa(process.execPath, [RXB, 'run', ...args], {
    cwd: folder,
    reject: false,
    env: { NO_COLOR: '1', CI: '1' },
  });

/** Processes that a process started, and their descendants. */
function descendants(of: number): readonly number[] {
  const children = readdirSync(`/proc/${of}/task`).flatMap((task) =>
    readFileSync(`/proc/${of}/task/${task}/children`, 'latin1')
      .split(' ')
      .filter((one) => one !== ''),
  );
  return children.flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

/** Whether a process exists and is not a zombie. */
const lives = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
};

async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await is()); await wait(20))
    if (Date.now() > end) throw new Error(`timed out waiting until ${what}`);
}

/** The bytes of a file; of a file of tensors without the key of what made them. */
const contentOf = (path: string, bytes: string): string => {
  if (!path.endsWith('.safetensors')) return bytes;
  const end = 8 + Number(Buffer.from(bytes, 'latin1').readBigUInt64LE());
  const { __metadata__: metadata = {}, ...tensors } = JSON.parse(bytes.slice(8, end)) as {
    readonly __metadata__?: Readonly<Record<string, string>>;
  };
  return JSON.stringify([tensors, metadata['meta']]) + bytes.slice(end);
};

/**
 * What was computed, sorted: the kind of the artifact and the contents of its files. Keys, and the
 * names of their folders, also say whether a row is verified.
 */
const computed = (files: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(files)
    .filter(([path]) => basename(path) !== 'key.json')
    .map(
      ([path, bytes]) => `${path.split(sep)[0] ?? ''} ${basename(path)} ${contentOf(path, bytes)}`,
    )
    .sort();

/** Waits until a fit has saved its state, and has begun the next epoch. */
const saved = async (folder: string): Promise<void> => {
  const weights = join(folder, 'results/artifacts/weights');
  await until(
    'there is a checkpoint',
    async () =>
      existsSync(weights) &&
      (await readdir(weights, { recursive: true })).some((file) =>
        file.endsWith('checkpoint.safetensors'),
      ),
  );
};

describe('a fit in a separate process', function () {
  this.timeout(600_000);

  it('gives the same bytes as in the harness’s process, even when stopped by Ctrl-C or SIGKILL, and leaves no process behind', async () => {
    await inPatientProject(async (folder) => {
      const artifacts = join(folder, 'results/artifacts');
      const inside = await start(folder, '--quiet', '--config', 'inside.config.json');
      expect(inside.exitCode, inside.stderr).to.equal(0);
      const ofInside = await filesUnder(artifacts, mayDiffer);
      expect(
        Object.keys(ofInside).some((file) => /^weights\/.*weights\.safetensors$/.test(file)),
        Object.keys(ofInside).join('\n'),
      ).to.equal(true);

      await rm(join(folder, 'results'), { recursive: true });
      const apart = await start(folder, '--quiet', '--json');
      expect(apart.exitCode, apart.stderr).to.equal(0);
      const { board } = JSON.parse(apart.stdout) as {
        readonly board: {
          readonly rows: readonly {
            readonly router: string;
            readonly rank: number | null;
            readonly unverifiedReason: string | null;
          }[];
        };
      };
      expect(board.rows.find(({ router }) => router === 'patient'))
        .to.include({ unverifiedReason: null })
        .and.to.have.property('rank')
        .that.is.a('number');
      const wanted = await filesUnder(artifacts, mayDiffer);
      expect(computed(wanted)).to.deep.equal(computed(ofInside));

      for (const signal of ['SIGINT', 'SIGKILL'] as const) {
        await rm(join(folder, 'results'), { recursive: true });
        const stopped = start(folder);
        await saved(folder);
        const started = descendants(stopped.pid as number);
        expect(
          started.some((pid) =>
            readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('rxb-plugin-patient'),
          ),
          'its process is among them',
        ).to.equal(true);
        stopped.kill(signal);
        const { exitCode, stderr } = await stopped;
        if (signal === 'SIGINT') expect(exitCode, stderr).to.equal(130);
        await until(
          `all ${started.length} processes have ended after ${signal}`,
          () => !started.some(lives),
        );
        const again = await start(folder);
        expect(again.exitCode, again.stderr).to.equal(0);
        expect(again.stderr, 'it does not start again').to.match(/goes on after epoch [1-9]/);
        expect(await filesUnder(artifacts, mayDiffer), signal).to.deep.equal(wanted);
      }
    });
  });
});

/**
 * Packages that mean harm by what they say of themselves, and programs that use what no namespace
 * of files, processes and the network separates: each succeeds without the sandbox.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { getSandbox } from '../../sandbox/linux-sandbox.js';
import type { Leaderboard } from '../../storage/results/types.js';
import { PYTHON, without } from '../support/python.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { inToyProject, rxbIn, toyConfig, type Ran } from '../support/toy-project.js';

const sandbox = await getSandbox();
const PROGRAM = resolve('test/fixtures/hostile-program/program.py');

/** Thirty questions with grades, which a router can only know from the file. */
const REFERENCES = Array.from({ length: 30 }, (_, i) => {
  const weak = (i * 7) % 3 === 0 ? 1 : 0;
  return `${JSON.stringify({ id: `q${i}`, question: `Question ${i}?`, weak, strong: 1 })}\n`;
}).join('');

const config = (router: string, plugins: readonly string[], isolation: object): string =>
  JSON.stringify({
    name: 'toy',
    models: {
      weak: { use: 'recorded', options: { model: 'w' } },
      strong: { use: 'recorded', options: { model: 's' } },
    },
    cache: 'my-cache',
    datasets: {
      inDomain: [
        {
          use: 'jsonl',
          as: 'mine',
          options: {
            splits: { train: 'references.jsonl', test: 'references.jsonl' },
            fields: { id: 'id', prompt: 'question' },
            licence: 'CC0-1.0',
            scorer: 'recorded',
            recorded: { w: { grade: 'weak' }, s: { grade: 'strong' } },
          },
        },
      ],
    },
    plugins,
    isolation,
    routers: ['prompt-length', router],
  });

interface Outcome {
  readonly ran: Ran;
  readonly row: Leaderboard['rows'][number] | undefined;
  readonly confidences: ReadonlySet<number>;
}

/** The real interpreter, which can be found where there is nothing else. */
const findInterpreter = async (): Promise<string> =>
  (await execa(PYTHON ?? '', ['-c', 'import os, sys; print(os.path.realpath(sys.executable))']))
    .stdout;

/** Removes the mark that the counter leaves where nothing keeps it from it. */
const removeMark = async (): Promise<void> => {
  const call = 'import ctypes; c = ctypes.CDLL(None); c.shmctl(c.shmget(0x72786221, 0, 0), 0, 0)';
  await execa(PYTHON ?? '', ['-c', call]);
};

/** Runs the program, in the package of the project or in a folder of its own. */
async function run(
  mode: string,
  {
    sandboxed,
    inProject = false,
    isolation = {},
  }: { readonly sandboxed: boolean; readonly inProject?: boolean; readonly isolation?: object },
): Promise<Outcome> {
  return await inTemporaryFolder(async (folder) => {
    const where = inProject ? '.' : 'evil';
    await mkdir(join(folder, 'bin'));
    await symlink(await findInterpreter(), join(folder, 'bin/python3'));
    const path = sandboxed ? `${process.env['PATH']}` : join(folder, 'bin');
    await writeFiles(folder, {
      [join(where, 'package.json')]: JSON.stringify({
        name: 'evil',
        version: '1.0.0',
        harness: { program: ['python3', 'program.py', mode] },
      }),
      'references.jsonl': REFERENCES,
      'secret.txt': 'a secret by descriptor',
      '.env': 'KEY=1',
      '.env.local': 'KEY=1',
      'my-cache/.routerxbench.json': '',
      'my-cache/x': '',
      'results/.routerxbench.json': '', // bait is allowed there
      'results/runs/x': '',
      'harness.config.json': config(mode, inProject ? [] : ['./evil'], isolation),
    });
    await cp(PROGRAM, join(folder, where, 'program.py'));
    const trust = sandboxed ? [] : ['--trust', 'all'];
    const ran = await rxbIn(folder, {
      env: { PATH: path },
      descriptors: { 40: folder, 41: join(folder, 'secret.txt') },
    })('run', '--quiet', ...trust);
    const read = async (file: string): Promise<string> =>
      await readFile(join(folder, 'results', file), 'utf8').catch(() => '');
    const board = await read('leaderboard.json');
    const rows = (await read(`runs/toy/${mode}/mine.rows.jsonl`)).split('\n').filter(Boolean);
    return {
      ran,
      row:
        board === ''
          ? undefined
          : (JSON.parse(board) as Leaderboard).rows.find(({ router }) => router === mode),
      confidences: new Set(
        rows.map((line) => (JSON.parse(line) as { readonly confidence: number }).confidence),
      ),
    };
  });
}

const auroc = ({ row }: Outcome): unknown => row?.metrics['mine']?.['auroc']?.value;

describe(`a hostile program${without('Python', PYTHON)}${sandbox.problem === null ? '' : ' (skipped: no sandbox here)'}`, function () {
  this.timeout(300_000);
  before(function () {
    if (PYTHON === null || sandbox.problem !== null) this.skip();
  });

  it('in the package of the project reads references and secrets without the sandbox only', async () => {
    const open = await run('references', { sandboxed: false, inProject: true });
    expect(auroc(open), open.ran.stderr).to.equal(1);
    expect(open.row?.unverifiedReason).to.contain('--trust');
    expect(open.row?.rank).to.equal(null);

    const held = await run('references', { sandboxed: true, inProject: true });
    expect(held.ran.exitCode, held.ran.stderr).to.equal(0);
    expect([auroc(held), held.row?.unverifiedReason]).to.deep.equal([0.5, null]);
  });

  it('gets no descriptor of the harness, in the sandbox and without it', async () => {
    for (const sandboxed of [false, true])
      expect((await run('descriptors', { sandboxed })).confidences).to.deep.equal(new Set([0.5]));
  });

  it('leaves no mark for the next process in memory of the system', async () => {
    try {
      await run('counter', { sandboxed: false });
      expect((await run('counter', { sandboxed: false })).confidences).to.deep.equal(new Set([1]));
    } finally {
      await removeMark();
    }
    await run('counter', { sandboxed: true });
    expect((await run('counter', { sandboxed: true })).confidences).to.deep.equal(new Set([0.5]));
  });

  it('gets no memory that is not counted', async () => {
    const isolation = { memoryMiB: 128 };
    for (const mode of ['memory', 'shared-memory']) {
      const open = await run(mode, { sandboxed: false, isolation });
      expect(open.confidences, `${mode} ${open.ran.stderr}`).to.deep.equal(new Set([1]));
      expect((await run(mode, { sandboxed: true, isolation })).confidences, mode).to.deep.equal(
        new Set([0.5]),
      );
    }
  });

  it('moves no cursor and forges no line of check-router with its name', async () => {
    await inTemporaryFolder(async (folder) => {
      const name = '\u001b[31mred\u001b]0;owned\u0007\n  ok      forged: all is well';
      await writeFiles(folder, {
        'package.json': JSON.stringify({
          name: 'evil',
          version: '1.0.0',
          harness: { program: ['python3', 'program.py', name] },
        }),
      });
      await cp(PROGRAM, join(folder, 'program.py'));
      const { exitCode, stdout, stderr } = await rxbIn(folder)('check-router', '.');
      expect(exitCode, stderr).to.equal(2);
      for (const text of [stdout, stderr]) {
        expect(text).not.to.match(/(?![\n])\p{Cc}/u);
        expect(text).not.to.match(/^ {0,8}ok +forged/m);
      }
      expect(stdout).to.contain('FAILED  named');
    });
  });

  it('may start so many threads and processes', async () => {
    const { ran } = await run('threads', { sandboxed: true });
    expect(ran.exitCode, ran.stderr).to.equal(2);
    expect(ran.stderr).to.match(/RXB2233 .*router "threads" of evil.* 4096/);
    expect(ran.stdout).to.contain('prompt-length');
  });
});

/** A router that leaves a file beside its package when it is loaded. */
const ROUTER = `import { writeFileSync } from 'node:fs';
try { writeFileSync(new URL('../loaded.txt', import.meta.url), process.env.CANARY ?? ''); } catch {}
export class Bad { score() { return 0.5; } }
Object.defineProperty(Bad, Symbol.for('routerxbench.plugin'), { value: { api: 1, kind: 'router', definition: { name: 'bad', summary: 'x', needs: [] } } });
`;

describe('a hostile package', function () {
  this.timeout(300_000);

  it('is not trusted by the name that it gives itself', async () => {
    await inToyProject(async ({ folder }) => {
      const write = async (name: string, inProcess: readonly string[]): Promise<Ran> => {
        await writeFiles(folder, {
          'evil/package.json': JSON.stringify({
            name,
            version: '1.0.0',
            type: 'module',
            harness: { plugins: 'router.js' },
          }),
          'evil/router.js': ROUTER,
          'mine.js': ROUTER.replaceAll('bad', 'good'),
          'harness.config.json': toyConfig({
            plugins: ['./toy-plugins', './mine.js', './evil'],
            isolation: { inProcess: ['./toy-plugins', ...inProcess] },
          }),
        });
        return await rxbIn(folder, { env: { CANARY: 'sings' } })('list', 'routers');
      };
      const loaded = join(folder, 'loaded.txt');
      const read = async (): Promise<string | undefined> =>
        await readFile(loaded, 'utf8').catch(() => undefined);
      for (const name of ['./mine.js', 'mine.js', 'toy-plugins', 'all', 'routerxbench']) {
        const { stdout, stderr } = await write(name, []);
        expect(stdout, stderr).to.contain('bad');
        expect(await read(), name).to.equal(undefined);
      }
      const { exitCode, stderr } = await write('chosen', ['chosen']);
      expect([exitCode, await read()]).to.deep.equal([2, undefined]);
      expect(stderr).to.contain('RXB2207');
      await write('chosen', ['./evil']);
      expect(await read()).to.equal('sings');
    });
  });

  it('with paths for dependencies loses its row, and the others have theirs', async () => {
    await inToyProject(async ({ folder }) => {
      await writeFiles(folder, {
        'evil/package.json': JSON.stringify({
          name: 'evil',
          version: '1.0.0',
          type: 'module',
          harness: { plugins: 'router.js' },
          optionalDependencies: { '../..': '*' },
        }),
        'evil/router.js': ROUTER,
        'harness.config.json': toyConfig({
          plugins: ['./toy-plugins', './evil'],
          isolation: { inProcess: ['./toy-plugins'] },
          routers: ['bad', 'prompt-length'],
        }),
      });
      const { exitCode, stdout, stderr } = await rxbIn(folder)('run', '--quiet');
      expect(exitCode).to.equal(2);
      expect(stderr).to.match(/RXB2231 evil has a dependency "..\/.."/);
      expect(stdout).to.contain('prompt-length');
    });
  });
});

import { expect } from 'chai';
import { execa } from 'execa';
import { readFile, mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { buildSandboxCommand, type SandboxMechanism } from '../../../sandbox/linux-sandbox.js';
import { holdsSystem } from '../../../sandbox/sandbox-mounts.js';
import { PYTHON, without } from '../../support/python.js';
import { inTemporaryFolder } from '../../support/temporary.js';

const MECHANISMS: readonly SandboxMechanism[] = ['bubblewrap', 'util-linux and Perl'];
const NOTHING = { paths: [], links: new Map<string, string>() };
/** What succeeds on every Linux without a sandbox, whoever runs it. */
const ALWAYS = [
  'System V shared memory',
  'System V semaphore',
  'System V message queue',
  'memory file',
  'shared memory without a file',
  'memory of /dev/zero',
  'memory of a process',
  'UNIX socket of the host',
  'abstract socket of the host',
  'port of the host',
  'signal to the host',
  'processes of the host',
];

const run = async (command: readonly string[]): Promise<string> => {
  const [program = '', ...args] = command;
  return (await execa(program, args, { cwd: '/' })).stdout;
};

/** Runs a command in a sandbox that shows some paths; undefined where the mechanism is missing. */
async function inSandbox(
  mechanism: SandboxMechanism,
  command: readonly string[],
  paths: readonly string[] = [],
): Promise<string> {
  const made = buildSandboxCommand(mechanism, command, '/', { ...NOTHING, paths });
  try {
    return await run(made.command);
  } finally {
    made.remove();
  }
}

const isAvailable = async (mechanism: SandboxMechanism): Promise<boolean> =>
  process.platform === 'linux' &&
  (await inSandbox(mechanism, ['true']).then(
    () => true,
    () => false,
  ));

const available = new Map<SandboxMechanism, boolean>();
for (const mechanism of MECHANISMS) available.set(mechanism, await isAvailable(mechanism));

const listen = async (server: Server, where: object): Promise<Server> =>
  await new Promise((listening) => server.listen(where, () => listening(server)));

/** The real interpreter, and where it is installed. */
const findInterpreter = async (): Promise<readonly string[]> => {
  const code = 'import os, sys; print(os.path.realpath(sys.executable)); print(sys.base_prefix)';
  return (await run([PYTHON ?? '', '-c', code])).split('\n');
};

/** Tries every way out with somebody at the other end of those that need it. */
async function escape(
  start: (command: readonly string[], paths: readonly string[]) => Promise<string>,
): Promise<readonly string[]> {
  return await inTemporaryFolder(async (folder) => {
    const abstract = `rxb-escape-${process.pid}`;
    const path = join(folder, 'socket');
    const open: Server[] = [];
    for (const where of [{ port: 0, host: '127.0.0.1' }, { path }, { path: `\0${abstract}` }])
      open.push(await listen(createServer(), where));
    const port = String((open[0]?.address() as AddressInfo).port);
    try {
      const program = resolve('test/fixtures/escapes/escapes.py');
      const [python = '', prefix = ''] = await findInterpreter();
      const command = [python, program, String(process.pid), port, path, abstract];
      const seen = [folder, program, ...(holdsSystem(prefix) ? [] : [prefix])];
      const tried = JSON.parse(await start(command, seen)) as Record<string, boolean>;
      return Object.keys(tried).filter((name) => tried[name] === true);
    } finally {
      for (const server of open) server.close();
    }
  });
}

describe(`ways out of a sandbox${without('Python', PYTHON)}`, function () {
  this.timeout(60_000);
  before(function () {
    if (PYTHON === null || process.platform !== 'linux') this.skip();
  });

  it('are open to a program that runs without one', async () => {
    expect(await escape(run)).to.include.members(ALWAYS);
  });

  for (const mechanism of MECHANISMS) {
    const there = available.get(mechanism) === true;
    it(`are closed by ${mechanism}${there ? '' : ' (skipped: it makes no sandbox here)'}`, async function () {
      if (!there) this.skip();
      expect(await escape((command, paths) => inSandbox(mechanism, command, paths))).to.deep.equal(
        [],
      );
    });
  }
});

describe('a sandbox', function () {
  this.timeout(60_000);
  for (const mechanism of MECHANISMS) {
    const there = available.get(mechanism) === true;
    it(`of ${mechanism} shows what it is given, read-only, a small /tmp, and nothing else${there ? '' : ' (skipped: it makes no sandbox here)'}`, async function () {
      if (!there) this.skip();
      await inTemporaryFolder(async (folder) => {
        const given = join(folder, "given 'and' \\ spaced");
        await mkdir(given);
        await mkdir(join(folder, 'other'));
        const script = [
          `ls ${JSON.stringify(folder)}`,
          `touch "$1/file" || echo read-only`,
          'touch /tmp/file && rm /tmp/file && echo written',
          'head -c 40000000 /dev/urandom > /tmp/file || echo full',
          'ls /home /root /etc/passwd || echo hidden',
          'ulimit -n',
        ].join('\n');
        const said = await inSandbox(mechanism, ['sh', '-c', script, 'sh', given], [given]);
        expect(said.split('\n').filter((line) => !line.startsWith('ls:'))).to.deep.equal([
          "given 'and' \\ spaced",
          'read-only',
          'written',
          'full',
          'hidden',
          '1024',
        ]);
      });
    });

    it(`of ${mechanism} leaves no file behind${there ? '' : ' (skipped: it makes no sandbox here)'}`, async function () {
      if (!there) this.skip();
      const made = buildSandboxCommand(mechanism, ['true'], '/', NOTHING);
      const files = made.command.flatMap((part) => /\/\S*rxb-sandbox-\w+/.exec(part) ?? []);
      expect(files).not.to.deep.equal([]);
      made.remove();
      for (const file of files)
        expect(await readFile(file).catch((error: NodeJS.ErrnoException) => error.code)).to.equal(
          'ENOENT',
        );
    });
  }
});

/**
 * The contract suite for packages: a router in another process and language. Each rule has a
 * program that breaks it.
 */
import { expect } from 'chai';
import { execa } from 'execa';
import { chmod, cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { getSandbox } from '../../sandbox/linux-sandbox.js';
import {
  checkPackage,
  packageContract,
  packageRules,
  type Runner,
  type Violation,
} from '../../testing/index.js';
import { packageSubjects } from '../../testing/package-subject.js';
import { consoleBlocks, outputPattern } from '../support/console-blocks.js';
import { PYTHON, without } from '../support/python.js';
import { rxbIn } from '../support/toy-project.js';
import { inTemporaryFolder, rejection, writeFiles } from '../support/temporary.js';

const isolation = { scoreSeconds: 3, trust: (await getSandbox()).problem === null ? [] : ['all'] };

/** The package of the program with one fault. */
const inPackage = async <T>(fault: string, work: (folder: string) => Promise<T>): Promise<T> =>
  await inTemporaryFolder(async (folder) => {
    await cp('test/fixtures/program/router.js', join(folder, 'router.mjs'));
    await writeFiles(folder, {
      'package.json': JSON.stringify({
        name: 'words-program',
        version: '1.0.0',
        harness: { program: ['node', 'router.mjs', fault] },
      }),
    });
    return await work(folder);
  });

/** The violations of one rule by the program with a fault. */
const breaches = async (fault: string, name: string): Promise<readonly string[]> =>
  await inPackage(fault, async (folder) => {
    const [subject] = await packageSubjects(folder, { isolation });
    const rule = packageRules.find((one) => one.name === name);
    if (subject === undefined || rule === undefined) throw new Error(`no rule ${name}`);
    try {
      return await rule.check(subject);
    } catch (thrown) {
      return [(thrown as Error).message]; // as the suite reports it
    }
  });

const collected = (): {
  readonly runner: Runner;
  readonly tests: [string, () => Promise<void>][];
} => {
  const tests: [string, () => Promise<void>][] = [];
  return {
    tests,
    runner: { describe: (_title, body) => body(), it: (title, body) => tests.push([title, body]) },
  };
};

describe('the contract suite and a program in another language', function () {
  this.timeout(300_000);

  it('finds nothing wrong with a program that keeps the contract', async () => {
    expect(
      await inPackage('none', async (folder) => await checkPackage(folder, { isolation })),
    ).to.deep.equal([]);
  });

  it('registers a test a rule, and one that fails where the program cannot be started', async () => {
    const good = collected();
    await inPackage('none', async (folder) => {
      await packageContract(folder, { isolation }, good.runner);
      expect(good.tests.map(([title]) => title)).to.have.members(
        packageRules.map(({ sentence }) => sentence),
      );
      for (const [, body] of good.tests.slice(0, 2)) await body();
    });
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'package.json': JSON.stringify({ name: 'gone', harness: { program: ['no-such-program'] } }),
      });
      const bad = collected();
      await packageContract(folder, { isolation }, bad.runner);
      expect(bad.tests).to.have.length(1);
      const error = await rejection((bad.tests[0] as [string, () => Promise<void>])[1]());
      expect(error.code).to.equal('RXB2206');
    });
  });

  for (const { name } of packageRules) {
    it(`catches a program that breaks "${name}"`, async () => {
      expect(await breaches(name, name)).to.not.deep.equal([]);
    });
  }

  it('says so of a program that hangs on what it does not understand', async () => {
    const found = await breaches('hangs', 'fails-malformed-requests');
    expect(found).to.have.length(2);
    for (const problem of found) expect(problem).to.match(/sent nothing new for 3 s/);
  });

  it('is also a command, which prints every rule and fails where one is broken', async () => {
    const check = async (fault: string): Promise<Awaited<ReturnType<ReturnType<typeof rxbIn>>>> =>
      await inPackage(fault, async (folder) => {
        const trust = isolation.trust.length > 0 ? ['--trust'] : [];
        return await rxbIn(folder)('check-router', ...trust);
      });
    const good = await check('none');
    expect(good.exitCode, good.stderr).to.equal(0);
    for (const { name } of packageRules) expect(good.stdout).to.match(new RegExp(`ok +${name}: `));
    const bad = await check('needs');
    expect(bad.exitCode).to.equal(2);
    expect(bad.stdout).to.match(/FAILED +needs: .*\n +two requests have the same key/);
    expect(bad.stderr).to.match(
      /RXB2223 .*break these rules of the contract: words-program: needs/,
    );
  });

  it('checks packages of JavaScript in the same way', async () => {
    await inTemporaryFolder(async (folder) => {
      await cp('test/fixtures/third-party', folder, { recursive: true });
      await mkdir(join(folder, 'node_modules'));
      await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
      const found: readonly Violation[] = await checkPackage(folder, { isolation });
      expect(found).to.deep.equal([]);
    });
  });

  it(`is run as docs/plugins/protocol.md says${without('Python', PYTHON)}`, async function () {
    if (PYTHON === null || isolation.trust.length > 0) this.skip();
    const page = await readFile('docs/plugins/protocol.md', 'utf8');
    await inTemporaryFolder(async (folder) => {
      await cp('examples/python-router', join(folder, 'examples/python-router'), {
        recursive: true,
      });
      await mkdir(join(folder, 'node_modules'));
      await symlink(resolve('.'), join(folder, 'node_modules/routerxbench'), 'dir');
      const [, file = '', code = ''] = /^```js (\S+)\n([\s\S]*?)^```$/m.exec(page) ?? [];
      await writeFiles(folder, {
        [file]: code,
        'bin/rxb': `#!/bin/sh\nexec '${process.execPath}' '${resolve('dist/cli/main.js')}' "$@"\n`,
      });
      await chmod(join(folder, 'bin/rxb'), 0o755);
      const steps = consoleBlocks(page).flatMap((block) => block.steps);
      expect(steps).to.have.length(2);
      for (const { command, output } of steps) {
        const PATH = `${dirname(process.execPath)}:${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`;
        const ran = await execa(command, {
          ...{ shell: '/bin/sh', cwd: folder, reject: false, all: true },
          env: { NO_COLOR: '1', PATH },
        });
        expect(ran.exitCode, `${command}\n${ran.all}`).to.equal(0);
        for (const line of output) expect(ran.all).to.match(outputPattern(line));
      }
    });
  });

  it(`finds nothing wrong with examples/python-router${without('Python', PYTHON)}`, async function () {
    if (PYTHON === null) this.skip();
    const folder = resolve('examples/python-router');
    expect(
      await checkPackage(folder, { isolation: { ...isolation, scoreSeconds: 30 } }),
    ).to.deep.equal([]);
  });
});

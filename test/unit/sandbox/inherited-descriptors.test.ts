import { expect } from 'chai';
import { execa } from 'execa';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { pathToFileURL } from 'node:url';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';

const MODULE = pathToFileURL('dist/sandbox/inherited-descriptors.js').href;
/** Lists what descriptors lead to, in a program that a program starts. */
const LIST = `ls -l /proc/self/fd | grep -o '[0-9]* -> .*'`;
const start = (how: string): string => `
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { withOnly } from ${JSON.stringify(MODULE)};
openSync('.', 'r'); // one of its own
const go = (stdio) => spawn('sh', ['-c', ${JSON.stringify(LIST)}], { stdio });
${how}(['ignore', 'pipe', 'inherit', openSync('blocks', 'r')], go).stdout.pipe(process.stdout);
`;

/** What such a program finds, where the program between them was started with 20, 40 and 70. */
async function list(folder: string, how: string): Promise<ReadonlyMap<number, string>> {
  const open = ['secret', '.', 'pipe'].map((name) => openSync(join(folder, name), 'r'));
  const stdio: ('pipe' | 'ignore' | 'inherit' | number)[] = ['ignore', 'pipe', 'inherit'];
  for (const [i, at] of [20, 40, 70].entries()) {
    while (stdio.length < at) stdio.push('ignore');
    stdio[at] = open[i] as number;
  }
  try {
    const { stdout } = await execa(execPath, ['start.mjs', how], {
      cwd: folder,
      stdio: stdio as never,
    });
    return new Map(
      String(stdout)
        .split('\n')
        .map((line) => line.split(' -> '))
        .map(([number, path = '']) => [Number(number), path]),
    );
  } finally {
    open.forEach(closeSync);
  }
}

describe('descriptors that the harness was started with', function () {
  this.timeout(30_000);
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('reach a program that it starts, unless they are covered', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { secret: 'secret', pipe: '', blocks: '' });
      await writeFiles(folder, { 'start.mjs': start('((stdio, go) => go(stdio))') });
      const reached = await list(folder, 'plain');
      expect([20, 40, 70].map((at) => reached.get(at) ?? '')).to.satisfy(
        (paths: readonly string[]) => paths.every((path) => path.startsWith(folder)),
      );
      await writeFiles(folder, { 'start.mjs': start('withOnly') });
      const covered = await list(folder, 'only');
      expect([20, 40, 70].map((at) => covered.get(at))).to.deep.equal(
        Array.from({ length: 3 }, () => '/dev/null'),
      );
      expect(covered.get(3)).to.equal(join(folder, 'blocks'));
      expect(
        [...covered].filter(
          ([at, path]) => at > 3 && path !== '/dev/null' && !/^\/proc\//.test(path),
        ),
      ).to.deep.equal([]);
    });
  });
});

import { execFileSync } from 'node:child_process';
import { lstat, mkdir, readFile, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { writeAtomic } from '../../../storage/atomic.js';
import { appendReport } from '../../../storage/results/report-file.js';
import { inTemporaryFolder, rejection } from '../../support/temporary.js';

describe('writing a file', () => {
  it('keeps a symbolic link and writes what it leads to, across folders and links', async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'real'));
      await writeFile(join(folder, 'real/old.txt'), 'old');
      await symlink('real', join(folder, 'results'));
      await symlink('old.txt', join(folder, 'real/second.txt'));
      await symlink('results/second.txt', join(folder, 'first.txt'));
      await writeAtomic(join(folder, 'first.txt'), 'new');
      expect(await readFile(join(folder, 'real/old.txt'), 'utf8')).to.equal('new');
      expect(await readlink(join(folder, 'first.txt'))).to.equal('results/second.txt');
      expect(await readlink(join(folder, 'real/second.txt'))).to.equal('old.txt');
      await symlink('../made/later.txt', join(folder, 'real/dangling.txt'));
      await writeAtomic(join(folder, 'results/dangling.txt'), 'made');
      expect(await readFile(join(folder, 'made/later.txt'), 'utf8')).to.equal('made');
      expect((await readdir(join(folder, 'real'))).sort()).to.deep.equal([
        'dangling.txt',
        'old.txt',
        'second.txt',
      ]);
    });
  });

  it('writes to a character device and leaves it in place', async () => {
    await inTemporaryFolder(async (folder) => {
      await symlink('/dev/null', join(folder, 'null.txt'));
      await writeAtomic(join(folder, 'null.txt'), 'nobody reads this');
      expect((await lstat('/dev/null')).isCharacterDevice()).to.equal(true);
      expect(await readdir(folder)).to.deep.equal(['null.txt']);
    });
  });

  it('refuses folders, pipes, open files, circles of links and paths through a file at once', async () => {
    await inTemporaryFolder(async (folder) => {
      const at = (name: string): string => join(folder, name);
      await mkdir(at('folder'));
      await writeFile(at('file'), 'old');
      await symlink('b', at('a'));
      await symlink('a', at('b'));
      execFileSync('mkfifo', [at('pipe')]);
      for (const [path, problem] of [
        [at('folder'), 'it is a folder'],
        [at('pipe'), 'it is a pipe'],
        ['/proc/self/fd/2', 'open file'],
        [at('a'), 'too many symbolic links'],
        [at('file/below.txt'), 'ENOTDIR'],
        [at('file/further/below.txt'), 'ENOTDIR'],
      ] as const)
        for (const write of [writeAtomic, appendReport]) {
          const error = await rejection(write(path, 'new'));
          expect([path, error.code], error.message).to.deep.equal([path, 'RXB5002']);
          expect(error.message).to.contain(path).and.to.contain(problem);
        }
      expect(await readFile(at('file'), 'utf8')).to.equal('old');
    });
  });

  it('gives up where a folder takes no members, such as /proc', async () => {
    const error = await rejection(writeAtomic('/proc/nodir/below/j.xml', 'new'));
    expect(error.code).to.equal('RXB5002');
    expect(error.message).to.contain('ENOENT');
  });
});

import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  openRegular,
  openRegularSync,
  readRegular,
  readRegularSync,
} from '../../../storage/regular-file.js';
import { readLines } from '../../../storage/lines.js';
import { inTemporaryFolder, rejection } from '../../support/temporary.js';

/** Things that are no regular files, by what the error says of them. */
async function makeOthers(folder: string): Promise<readonly (readonly [string, string])[]> {
  await mkdir(join(folder, 'sub'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await symlink('pipe', join(folder, 'link-to-pipe'));
  return [
    [join(folder, 'sub'), 'it is a folder'],
    [join(folder, 'pipe'), 'it is a pipe'],
    [join(folder, 'link-to-pipe'), 'it is a pipe'],
    ['/dev/zero', 'it is a device'],
  ];
}

describe('regular files', () => {
  it('are read, also through links', async () => {
    await inTemporaryFolder(async (folder) => {
      const [file, link] = [join(folder, 'a'), join(folder, 'b')];
      await writeFile(file, 'text');
      await symlink('a', link);
      expect((await readRegular(link)).toString()).to.equal('text');
      expect(readRegularSync(link).toString()).to.equal('text');
      expect((await rejection(readRegular(file, 3))).message).to.contain('at most 3');
      expect(() => readRegularSync(file, 3)).to.throw('at most 3');
    });
  });

  it('are the only ones: a pipe, a device or a folder is refused at once', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const [path, problem] of await makeOthers(folder)) {
        expect((await rejection(openRegular(path))).message, path).to.contain(problem);
        expect(() => closeSync(openRegularSync(path)), path).to.throw(problem);
        const error = await rejection(readLines(path, 'x.jsonl').next());
        expect(error.code, path).to.equal('RXB3007');
        expect(error.message, path).to.contain(problem);
      }
    });
  });

  it('are no sockets', async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, 's');
      const server = createServer().listen(path);
      await once(server, 'listening');
      try {
        expect((await rejection(openRegular(path))).message).to.contain('socket');
        expect(() => openRegularSync(path)).to.throw('socket');
      } finally {
        server.close();
      }
    });
  });
});

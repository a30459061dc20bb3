import { expect } from 'chai';
import { execa } from 'execa';
import { link, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SharedFolder } from '../../../../../plugins/models/_openai/shared-folder.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../../support/temporary.js';

/** Works with the folder `shared` beside a folder `outside` with a file. */
const withShared = async (
  work: (shared: SharedFolder, root: string) => Promise<void>,
): Promise<void> =>
  await inTemporaryFolder(async (root) => {
    await writeFiles(root, { 'outside/a': 'secret', 'shared/b': 'good' });
    const shared = new SharedFolder(join(root, 'shared'));
    try {
      await work(shared, root);
    } finally {
      await shared.close();
    }
  });

const readText = async (shared: SharedFolder, inside: string): Promise<string> => {
  const handle = await shared.open(inside);
  try {
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
};

describe('a folder shared with a server', () => {
  it('locates what is inside, also under another name of the folder, and nothing else', async () => {
    await withShared(async (shared, root) => {
      await symlink(join(root, 'shared'), join(root, 'alias'));
      expect(await shared.locate(join(root, 'shared/b'))).to.equal('b');
      expect(await shared.locate(join(root, 'shared/x/../y/c'))).to.equal('y/c');
      expect(await shared.locate(join(root, 'alias/b'))).to.equal('b');
      for (const path of ['outside/a', 'shared/../outside/a', 'shared', 'shared/..', 'sharedb'])
        expect(await shared.locate(join(root, path)), path).to.equal(undefined);
      expect(await shared.locate('b')).to.equal(undefined);
      expect(await shared.locate(`${root}/shared/b\0`)).to.equal(undefined);
    });
  });

  it('opens regular files only: no link, no second name of a file, no pipe, no folder', async () => {
    await withShared(async (shared, root) => {
      const inside = (name: string): string => join(root, 'shared', name);
      await symlink(join(root, 'outside/a'), inside('link'));
      await symlink(join(root, 'outside'), inside('out'));
      await link(join(root, 'outside/a'), inside('hard'));
      await execa('mkfifo', [inside('pipe')]);
      await mkdir(inside('folder'));
      await writeFile(inside('folder/c'), 'deep');
      expect(await readText(shared, 'b')).to.equal('good');
      expect(await readText(shared, 'folder/c')).to.equal('deep');
      for (const name of ['link', 'out/a', 'hard', 'pipe', 'folder'])
        expect((await rejection(shared.open(name))).constructor.name, name).to.equal('UnsafeFile');
      expect(await rejection(shared.open('none'))).to.have.property('code', 'ENOENT');
    });
  });

  it('removes only what is inside, never through a link, and folders only where they are empty', async () => {
    await withShared(async (shared, root) => {
      const inside = join(root, 'shared');
      await symlink(join(root, 'outside'), join(inside, 'out'));
      await symlink(join(root, 'outside/a'), join(inside, 'link'));
      await writeFiles(inside, { 'deep/c': '', 'deep/keep': '' });
      await mkdir(join(inside, 'empty'));
      const asked: string[] = [];
      const removed = await shared.remove((name) => {
        asked.push(name);
        return !name.includes('keep');
      });
      expect(asked.filter((name) => name.startsWith('out'))).to.deep.equal(['out']);
      expect(removed).to.equal(5);
      expect(await readdir(inside, { recursive: true })).to.have.members(['deep', 'deep/keep']);
      expect(await readdir(join(root, 'outside'))).to.deep.equal(['a']);
    });
  });

  it('stays the folder that was first seen, whatever gets its name', async () => {
    await withShared(async (shared, root) => {
      await shared.pin();
      await rename(join(root, 'shared'), join(root, 'moved'));
      await symlink(join(root, 'outside'), join(root, 'shared'));
      expect(await rejection(shared.open('a'))).to.have.property('code', 'ENOENT');
      expect(await readText(shared, 'b')).to.equal('good');
      await shared.remove(() => true);
      expect(await readdir(join(root, 'outside'))).to.deep.equal(['a']);
      expect(await readdir(join(root, 'moved'))).to.deep.equal([]);
    });
  });

  it('may be a link of the user, but not one that appears after the first look', async () => {
    await withShared(async (_, root) => {
      await symlink(join(root, 'shared'), join(root, 'mine'));
      const mine = new SharedFolder(join(root, 'mine'));
      expect(await readText(mine, 'b')).to.equal('good');
      await mine.close();
      const late = new SharedFolder(join(root, 'late'));
      expect(await late.pin()).to.equal(false);
      await symlink(join(root, 'outside'), join(root, 'late'));
      expect(await late.pin()).to.equal(false);
      expect(await late.remove(() => true)).to.equal(0);
      await rm(join(root, 'late'));
      await mkdir(join(root, 'late'));
      expect(await late.pin()).to.equal(true);
      await late.close();
    });
  });
});

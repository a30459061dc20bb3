import { expect } from 'chai';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageSource } from '../../../core/packages.js';
import { checkLocked } from '../../../sandbox/lockfile.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';

const source = (folder: string, name: string): PackageSource => ({
  name,
  given: null,
  version: '1.0.0',
  folder: join(folder, 'node_modules', name),
  plugins: join(folder, 'node_modules', name),
  program: null,
  whole: true,
  builtIn: false,
});

const problem = (checked: PackageSource): string | undefined => {
  try {
    checkLocked(checked);
    return undefined;
  } catch (error) {
    const { code, message } = error as Error & { readonly code: string };
    return `${code} ${message}`;
  }
};

const lockfile = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages });

describe('a package that is trusted', () => {
  it('is the one of the lockfile: its place, version and integrity hash', async () => {
    await inTemporaryFolder(async (folder) => {
      const [name, key] = ['@me/mine', 'node_modules/@me/mine'];
      const write = async (locked: object, installed: object): Promise<void> =>
        await writeFiles(folder, {
          [`${key}/package.json`]: JSON.stringify({ name: 'another', version: '1.0.0' }),
          'package-lock.json': lockfile(locked),
          'node_modules/.package-lock.json': lockfile(installed),
        });
      const entry = { version: '1.0.0', integrity: 'sha512-a' };
      await write({ [key]: entry }, { [key]: entry });
      expect(problem(source(folder, name))).to.equal(undefined);
      await write({ [key]: entry }, { [key]: { ...entry, integrity: 'sha512-b' } });
      expect(problem(source(folder, name))).to.match(/RXB2232 @me\/mine .*integrity hash/);
      await write({ [key]: { ...entry, version: '1.0.1' } }, { [key]: entry });
      expect(problem(source(folder, name))).to.match(/RXB2232 .*version 1\.0\.1.*1\.0\.0/);
      await write({ 'node_modules/mine': entry }, {});
      expect(problem(source(folder, name))).to.match(/RXB2232 .*package-lock\.json has no /);
    });
  });

  it('may be a link that the lockfile has, and no other', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'packages/mine/package.json': '{}',
        'packages/other/package.json': '{}',
        'package-lock.json': lockfile({
          'node_modules/mine': { link: true, resolved: 'packages/mine' },
          'node_modules/other': { link: true, resolved: 'packages/mine' },
        }),
      });
      await mkdir(join(folder, 'node_modules'));
      for (const name of ['mine', 'other'])
        await symlink(join(folder, 'packages', name), join(folder, 'node_modules', name));
      expect(problem(source(folder, 'mine'))).to.equal(undefined);
      expect(problem(source(folder, 'other'))).to.match(/RXB2232 .*is a link to .*packages\/other/);
    });
  });

  it('is not compared where there is no lockfile of npm, or for a path of the config', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'node_modules/mine/package.json': '{"version":"2.0.0"}' });
      expect(problem(source(folder, 'mine'))).to.equal(undefined);
      await writeFiles(folder, { 'package-lock.json': lockfile({}) });
      expect(problem({ ...source(folder, 'mine'), given: './node_modules/mine' })).to.equal(
        undefined,
      );
    });
  });
});

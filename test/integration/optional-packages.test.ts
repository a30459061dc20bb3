import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { install } from '../support/installed.js';
import { inTemporaryFolder } from '../support/temporary.js';
import { expectToWorkWithoutOptional, OPTIONAL } from '../support/without-optional.js';

describe('optional packages', () => {
  it('are those of package.json', async () => {
    const manifest = JSON.parse(await readFile('package.json', 'utf8')) as {
      readonly optionalDependencies: Readonly<Record<string, string>>;
    };
    expect(Object.keys(manifest.optionalDependencies)).to.deep.equal([...OPTIONAL]);
  });

  it('are not needed for recorded outcomes; what needs one names the install command', async () => {
    await inTemporaryFolder(async (folder) => {
      await install(folder, { without: OPTIONAL });
      await expectToWorkWithoutOptional(folder);
    });
  });
});

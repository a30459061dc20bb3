import { expect } from 'chai';
import { gatePlugins, writeGateProject } from '../../support/gate-project.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';
import { rxbIn } from '../../support/toy-project.js';

/** Models whose answers never come. */
const WAITS = gatePlugins(1).replace(
  '=> prompts.map(',
  '=> await new Promise(() => {}) ?? prompts.map(',
);

describe('a promise that never settles', () => {
  it('ends the command with RXB2222 and 2, for people and with --json', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeGateProject(folder, 1);
      await writeFiles(folder, { 'plugins/index.js': WAITS });
      const ran = await rxbIn(folder, { killAfterSeconds: 30 })('run', '--quiet', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(2);
      expect(ran.stderr).to.include('RXB2222').and.to.not.include('bug in rxb');
      const { errors } = JSON.parse(ran.stdout) as { readonly errors: { readonly code: string }[] };
      expect(errors.map(({ code }) => code)).to.deep.equal(['RXB2222']);
    });
  });
});

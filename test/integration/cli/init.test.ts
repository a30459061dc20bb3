import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';
import { rxbIn } from '../../support/toy-project.js';

describe('rxb init', () => {
  it('makes a project beside the package.json that npm install has left, and leaves that as it is', async () => {
    await inTemporaryFolder(async (folder) => {
      const text = '{ "dependencies": { "routerxbench": "^0.1.0" } }';
      await writeFiles(folder, { 'package.json': text });
      const rxb = rxbIn(folder);
      const made = await rxb('init');
      expect(made.exitCode, made.stderr).to.equal(0);
      expect(made.stderr).to.include('Left as they are: package.json.').and.to.include('rxb run');
      expect(await readFile(join(folder, 'package.json'), 'utf8')).to.equal(text);
      expect(await readFile(join(folder, 'harness.config.ts'), 'utf8')).to.include('defineConfig');
      const again = await rxb('init');
      expect([again.exitCode, again.stderr.includes('RXB2220')]).to.deep.equal([2, true]);
      const named = await rxb('init', 'project', 'my-bench');
      expect(named.exitCode, named.stderr).to.equal(0);
      const config = await readFile(join(folder, 'my-bench/package.json'), 'utf8');
      expect(config).to.include('"name": "my-bench"');
      const wrong = await rxb('init', 'project', 'My Bench');
      expect([wrong.exitCode, wrong.stderr.includes('kebab-case')]).to.deep.equal([2, true]);
    });
  });

  it('takes no name of a built-in plugin', async () => {
    await inTemporaryFolder(async (folder) => {
      const rxb = rxbIn(folder);
      for (const [kind, name] of [
        ['metric', 'auroc'],
        ['router', 'entropy'],
      ] as const) {
        const refused = await rxb('init', kind, name);
        expect(refused.exitCode).to.equal(2);
        expect(refused.stderr).to.include(`a built-in ${kind} has that name`);
      }
    });
  });
});

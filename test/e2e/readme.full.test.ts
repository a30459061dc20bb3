import { expect } from 'chai';
import { execa } from 'execa';
import { cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inTemporaryFolder } from '../core/temporary.js';

describe('the two lines of README, in a fresh copy', () => {
  it('install, run to the board with models asked, and again with none asked', async () => {
    const readme = await readFile('README.md', 'utf8');
    const [start, test] = ['npm ci && npm start', 'npm ci && npm test'];
    for (const line of [start, test]) expect(readme).to.contain(`\`\`\`sh\n${line}\n\`\`\``); // the second is what CI itself runs
    const { stdout: listed } = await execa('git', ['ls-files']);
    await inTemporaryFolder(async (folder) => {
      const copy = join(folder, 'routerxbench');
      for (const file of listed.split('\n')) await cp(file, join(copy, file));
      const sh = async (command: string): Promise<string> => (await execa('sh', ['-c', command], { cwd: copy, env: { NO_COLOR: '1' } })).stdout;
      const first = await sh(start);
      expect(first).to.match(/\| +1 \| /).and.to.contain('OOD AVG').and.to.contain('(oracle)');
      expect(Number(/(\d+) model calls \(weak \d+, strong \d+\)/.exec(first)?.[1])).to.be.greaterThan(10_000);
      expect(await sh('npm start')).to.contain('0 model calls: everything was found finished');
      expect((await stat(join(copy, 'results/runs/tiny/curves/tiny-choice10.svg'))).size).to.be.greaterThan(1000);
    });
  });
});

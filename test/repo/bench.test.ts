import { expect } from 'chai';
import { execa } from 'execa';
import { readdir, readFile } from 'node:fs/promises';

/** Files of bench/ that are no benchmark. */
const OTHERS = ['run', 'train-data'];

describe('npm run bench', () => {
  it('lists every benchmark without a name, and bench/README.md describes the same ones', async () => {
    const { exitCode, stderr } = await execa(process.execPath, ['dist/bench/run.js'], {
      reject: false,
    });
    expect(exitCode).to.equal(2);
    const listed = [...stderr.matchAll(/^ {2}([a-z-]+) {2}/gm)].map((match) => match[1]);
    const files = (await readdir('bench'))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.slice(0, -'.ts'.length));
    expect(listed).to.have.members(files.filter((name) => !OTHERS.includes(name)));
    const readme = await readFile('bench/README.md', 'utf8');
    const described = [...readme.matchAll(/^\| `npm run bench -- ([a-z-]+)` \|/gm)];
    expect(described.map((match) => match[1])).to.have.members(listed);
  });
});

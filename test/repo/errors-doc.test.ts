import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { CATALOGUE } from '../../core/errors.js';

describe('docs/errors.md', () => {
  it('has an entry for every code, with its message and its fix, and none that is no more', async () => {
    const text = await readFile('docs/errors.md', 'utf8');
    expect([...text.matchAll(/^### (RXB\d+)$/gm)].map((match) => match[1])).to.deep.equal(
      Object.keys(CATALOGUE),
    );
    for (const [code, { message, fix }] of Object.entries(CATALOGUE))
      expect(text, code).to.contain(`### ${code}\n\n${message}\n\nWhat to do: ${fix}\n`);
  });
});

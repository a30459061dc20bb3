import { expect } from 'chai';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allErrors, type KnownError } from '../support/error-catalogues.js';

/** The lines of docs/errors.md that repeat the catalogue. */
const docOf = ({ code, kind, message, fix, exit = 2, resumable = false }: KnownError): string =>
  `### ${code}\n\n${message}\n\nWhat to do: ${fix}\n\n\`${kind}\`, exit code ${exit}${resumable ? ', resumable' : ''}\n`;

describe('the catalogue of errors', () => {
  it('has an entry in docs/errors.md for every code, and docs/errors.md has no other', async () => {
    const text = await readFile('docs/errors.md', 'utf8');
    const errors = await allErrors();
    expect([...text.matchAll(/^### (RXB\d+)$/gm)].map((match) => match[1])).to.deep.equal(
      errors.map(({ code }) => code),
    );
    for (const error of errors) expect(text, error.code).to.contain(docOf(error));
  });

  it('gives each code and each kind once', async () => {
    const errors = await allErrors();
    expect(errors.length).to.be.greaterThan(100);
    for (const names of [errors.map(({ code }) => code), errors.map(({ kind }) => kind)])
      expect(new Set(names).size).to.equal(names.length);
  });

  it('has no entry that nothing throws', async () => {
    let code = '';
    for (const folder of ['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'cli', 'plugins'])
      for (const name of await readdir(folder, { recursive: true }))
        if (name.endsWith('.ts') && !/(^|\/)(_?errors|error-catalogue)\.ts$/.test(name))
          code += await readFile(join(folder, name), 'utf8');
    for (const { kind } of await allErrors())
      expect(new RegExp(`'${kind}'|catalogue\\.${kind}\\b`).test(code), kind).to.equal(true);
  });
});

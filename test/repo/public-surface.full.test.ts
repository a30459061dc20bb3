import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import {
  apiFiles,
  ENTRIES,
  publicSurface,
  SURFACE_FILE,
  surfaceText,
  type Entry,
} from '../support/public-surface.js';

/** Heading → declaration of a snapshot, headings told apart by entry. */
function sections(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const part of text.split(/^# /m).slice(1)) {
    const [specifier = '', ...own] = part.split(/\n(?=## )/);
    for (const section of own) {
      const [heading = '', ...rest] = section.split('\n');
      found.set(`${specifier.trim()}: ${heading.slice(3)}`, rest.join('\n').trim());
    }
  }
  return found;
}

/** What differs, name by name. */
function changes(before: string, after: string): readonly string[] {
  const [was, is] = [sections(before), sections(after)];
  return [
    ...[...was.keys()].filter((name) => !is.has(name)).map((name) => `gone: ${name}`),
    ...[...is.keys()].filter((name) => !was.has(name)).map((name) => `new: ${name}`),
    ...[...is]
      .filter(([name, text]) => was.has(name) && was.get(name) !== text)
      .map(([name, text]) => `changed: ${name}\n  was ${was.get(name) ?? ''}\n  is  ${text}`),
  ];
}

describe('what plugin authors import', function () {
  this.timeout(120_000);
  let entries: readonly Entry[];
  before(() => void (entries = publicSurface()));

  it('is what the snapshot says, names and types', async () => {
    const [was, is] = [await readFile(SURFACE_FILE, 'utf8'), surfaceText(entries)];
    const told = `The public surface is not that of ${SURFACE_FILE}:\n${changes(was, is).join('\n')}\n\nIs that meant? Then \`npm run surface\` and \`npm run docs:api\`, and CHANGELOG.md says it; what is gone or changed breaks plugins.\n`;
    expect(was === is, told).to.equal(true);
  });

  it('is what each entry gives when it runs', async () => {
    const built: Readonly<Record<string, string>> = ENTRIES;
    for (const { specifier, exported } of entries) {
      const module = (await import(
        `../../../${(built[specifier] as string).replace('.d.ts', '.js')}`
      )) as object;
      const values = exported
        .filter(({ kind }) => kind === 'function' || kind === 'class' || kind === 'constant')
        .map(({ name }) => name);
      expect(Object.keys(module).sort(), specifier).to.deep.equal(values);
    }
  });

  it('is all explained, and docs/api says what the types say (npm run docs:api writes it)', async () => {
    for (const [file, text] of Object.entries(apiFiles(entries)))
      expect(
        (await readFile(file, 'utf8')) === text,
        `${file} is out of date: npm run docs:api`,
      ).to.equal(true);
    const silent = entries.flatMap(({ specifier, exported }) =>
      exported
        .filter(({ doc, declaration }) => doc === '' && !declaration.includes("typeof import('"))
        .map(({ name }) => `${specifier}: ${name}`),
    );
    expect(silent, 'exports without a doc comment').to.deep.equal([]);
  });

  it('is compared name by name', () => {
    const [before, after] = [
      '# a\n\n## function f\nfunction f(): void;\n\n## type T\ntype T = 1;\n',
      '# a\n\n## function f\nfunction f(): number;\n\n## type U\ntype U = 1;\n',
    ];
    expect(changes(before, after)).to.deep.equal([
      'gone: a: type T',
      'new: a: type U',
      'changed: a: function f\n  was function f(): void;\n  is  function f(): number;',
    ]);
    expect(changes(before, before)).to.deep.equal([]);
  });
});

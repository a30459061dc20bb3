import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { z } from '../../core/index.js';
import { builtIns } from '../support/built-ins.js';

interface Row {
  readonly name: string;
  /** As the table has it; undefined where one cell stands for several options in words. */
  readonly given: string | undefined;
}

/** The options that the table of a section has, with their defaults. */
const parseRows = (section: string): readonly Row[] =>
  section.split('\n').flatMap((line) => {
    const [, first = '', second = ''] =
      line.split(' | ')[0]?.startsWith('| `') === true ? [line, ...line.slice(2).split(' | ')] : [];
    const names = [...first.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
    const defaults = second.split(', ').map((text) => text.replaceAll('`', ''));
    return names.map((name, at) => ({
      name,
      given: defaults.length === names.length ? defaults[at] : undefined,
    }));
  });

describe('docs/models.md', () => {
  it('names every option of every backend, with the default that it has', async () => {
    const text = await readFile('docs/models.md', 'utf8');
    const getSection = (name: string): string =>
      text.slice(text.indexOf(`## Backend \`${name}\``)).split(/\n## /)[0] ?? '';
    for (const { mark } of (await builtIns()).list('model')) {
      const { name, options } = mark.definition;
      const { properties = {} } = z.toJSONSchema(options as z.ZodType, {
        io: 'input',
        unrepresentable: 'any',
      });
      const own = getSection(name);
      const section =
        name === 'vllm'
          ? `${own}\n${getSection('openai')
              .split('\n')
              .filter((line) => !line.includes('`choices`'))
              .join('\n')}`
          : own; // all of them but baseUrl, as it says
      expect(
        Object.keys(properties).filter((option) => !new RegExp(`\`${option}(\`|: )`).test(section)),
        `options of ${name} that the page lacks`,
      ).to.deep.equal([]);
      for (const { name: option, given } of parseRows(section)) {
        const value = (properties[option] as { readonly default?: unknown } | undefined)?.default;
        if (given === undefined || value === undefined || typeof value === 'object') continue;
        expect(given, `default of ${name}.${option}`).to.equal(String(value));
      }
    }
  });
});

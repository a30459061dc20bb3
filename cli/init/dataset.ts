import {
  className,
  contractTest,
  endings,
  packageFiles,
  type Files,
  type NewPlugin,
} from './package-files.js';

const definition = (name: string): string => `{
  name: '${name}',
  summary: 'Sums of two numbers',
  splits: ['train', 'test'],
  licence: 'CC0-1.0',
  source: { text: 'made by this file' },
  scorer: 'exact',
  scale: [0, 1],
  label: 'correct',
}`;

const rows = (
  typed: boolean,
): string => `/** The two splits share no question: one adds to even numbers, the other to odd ones. */
function* readRows(split${typed ? ': string' : ''})${typed ? ': Generator<DatasetRow>' : ''} {
  for (let i = 0; i < 50; i++) {
    const a = 2 * i + (split === 'test' ? 1 : 0);
    const b = (7 * i) % 40;
    yield { id: \`\${split}-\${i}\`, prompt: \`What is \${a} + \${b}?\`, reference: String(a + b), domain: 'sums' };
  }
}
`;

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line, i) => (i === 0 ? line : `  ${line}`))
    .join('\n');

const define = ({
  name,
  style,
}: NewPlugin): string => `import { defineDataset${style === 'javascript' ? '' : ', type DatasetRow'} } from 'routerxbench';

${rows(style !== 'javascript')}
/** Sums of two numbers. */
export const ${className(name)} = defineDataset(
  ${indented(definition(name))},
  () => ({ read: readRows }),
);
`;

const decorators = ({
  name,
}: NewPlugin): string => `import { dataset, type Dataset, type DatasetRow } from 'routerxbench';

${rows(true)}
/** Sums of two numbers. */
@dataset(${definition(name)})
export class ${className(name)} implements Dataset {
  readonly read = readRows;
}
`;

/** For rows that need no code: the lines of a config. */
const fromFiles = (name: string): string => `
## Rows in a file

These need no package. In harness.config.ts of the benchmark, under \`datasets\`:

\`\`\`ts
inDomain: [
  {
    use: 'jsonl', // or 'csv', 'parquet'
    as: '${name}',
    options: {
      splits: { train: 'data/train.jsonl', test: 'data/test.jsonl' },
      fields: { id: 'id', prompt: 'question', reference: 'answer' },
      licence: 'CC-BY-4.0',
      scorer: 'exact',
    },
  },
  {
    use: 'huggingface', // files are fetched once and checked
    as: '${name}-hub',
    options: {
      repo: 'owner/name',
      revision: '0123456789abcdef0123456789abcdef01234567', // a commit
      splits: { test: { path: 'data/test-00000-of-00001.parquet', sha256: '<64 digits, as the file\u2019s page shows them>' } },
      fields: { prompt: 'question', reference: { letter: 'answer' }, choices: 'choices' },
      licence: 'MIT',
      scorer: 'choice',
    },
  },
],
\`\`\`

\`rxb show jsonl\` lists the options; docs/datasets.md explains them.
`;

/** A package with one dataset that works, and the config lines for rows in a file. */
export const datasetPackage = (plugin: NewPlugin): Files => ({
  ...packageFiles('dataset', plugin),
  'README.md': `${packageFiles('dataset', plugin)['README.md'] ?? ''}${fromFiles(plugin.name)}`,
  [`src/${plugin.name}.${endings(plugin.style).code}`]: (plugin.style === 'decorators'
    ? decorators
    : define)(plugin),
  [`test/${plugin.name}.test.${endings(plugin.style).test}`]: contractTest(
    'datasetContract',
    plugin.name,
    '{}',
  ),
});

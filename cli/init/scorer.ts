import {
  className,
  contractTest,
  endings,
  packageFiles,
  type Files,
  type NewPlugin,
} from './package-files.js';

const body = (typed: boolean, indent: string): string =>
  [
    `const wanted = ${typed ? "typeof row.reference === 'string' ? [row.reference] : row.reference" : '[row.reference].flat()'};`,
    'const said = answer.text.trim().toLowerCase();',
    "if (said === '') return { value: null, reason: 'the answer is empty', unread: true };",
    'return { value: wanted.some((reference) => said === reference.trim().toLowerCase()) ? 1 : 0 };',
  ]
    .map((line) => indent + line)
    .join('\n');

const define = ({ name, style }: NewPlugin): string => `import { defineScorer } from 'routerxbench';

/**
 * 1 where the answer is the reference, upper and lower case alike; an empty answer has no grade.
 */
export const ${className(name)} = defineScorer({ name: '${name}', summary: 'The same text, upper and lower case alike', scale: [0, 1] }, () => ({
  grade: (row, answer) => {
${body(style !== 'javascript', '    ')}
  },
}));
`;

const decorators = ({
  name,
}: NewPlugin): string => `import { scorer, type DatasetRow, type Grade, type Scorer } from 'routerxbench';

/**
 * 1 where the answer is the reference, upper and lower case alike; an empty answer has no grade.
 */
@scorer({ name: '${name}', summary: 'The same text, upper and lower case alike', scale: [0, 1] })
export class ${className(name)} implements Scorer {
  readonly grade = (row: DatasetRow, answer: { readonly text: string }): Grade => {
${body(true, '    ')}
  };
}
`;

/** A package with one scorer that works. */
export const scorerPackage = (plugin: NewPlugin): Files => ({
  ...packageFiles('scorer', plugin),
  [`src/${plugin.name}.${endings(plugin.style).code}`]: (plugin.style === 'decorators'
    ? decorators
    : define)(plugin),
  [`test/${plugin.name}.test.${endings(plugin.style).test}`]: contractTest(
    'scorerContract',
    plugin.name,
    '{}',
  ),
});

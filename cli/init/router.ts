import {
  className,
  contractTest,
  endings,
  packageFiles,
  type Files,
  type NewPlugin,
} from './package-files.js';

const SUMMARY = 'Minus the share of words that are long';

const define = (name: string): string => `import { defineRouter, z } from 'routerxbench';

/** The fewer long words a question has, the surer the weak model. Larger = keep the weak model. */
export const ${className(name)} = defineRouter(
  {
    name: '${name}',
    summary: '${SUMMARY}',
    needs: [], // the query's text only
    options: z.strictObject({ letters: z.int().min(1).default(8) }),
  },
  ({ options }) => ({
    score: ({ query }) => {
      const words = query.text.split(/\\s+/);
      return -words.filter((word) => word.length >= options.letters).length / words.length;
    },
  }),
);
`;

const decorators = (
  name: string,
): string => `import { inject, OPTIONS, router, z, type Router, type RouterInput } from 'routerxbench';

const Options = z.strictObject({ letters: z.int().min(1).default(8) });

/** The fewer long words a question has, the surer the weak model. Larger = keep the weak model. */
@router({
  name: '${name}',
  summary: '${SUMMARY}',
  needs: [], // the query's text only
  options: Options,
})
export class ${className(name)} implements Router<object> {
  constructor(@inject(OPTIONS) private readonly options: z.infer<typeof Options>) {}

  readonly score = ({ query }: RouterInput<object>): number => {
    const words = query.text.split(/\\s+/);
    return -words.filter((word) => word.length >= this.options.letters).length / words.length;
  };
}
`;

/** A package with one router that works. */
export const routerPackage = (plugin: NewPlugin): Files => ({
  ...packageFiles('router', plugin),
  [`src/${plugin.name}.${endings(plugin.style).code}`]: (plugin.style === 'decorators'
    ? decorators
    : define)(plugin.name),
  [`test/${plugin.name}.test.${endings(plugin.style).test}`]: contractTest(
    'routerContract',
    plugin.name,
    '{}',
  ),
});

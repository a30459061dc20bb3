import {
  className,
  contractTest,
  endings,
  packageFiles,
  type Files,
  type NewPlugin,
} from './package-files.js';

const define = (name: string): string => `import { defineRouter, logits, z } from 'routerxbench';

/**
 * The likelier the first token of the answer, the surer the weak model. Larger = keep the weak
 * model.
 */
export const ${className(name)} = defineRouter(
  {
    name: '${name}',
    summary: 'The log-probability of the likeliest first token',
    needs: [logits()],
    options: z.strictObject({ temperature: z.number().positive().default(1) }),
  },
  ({ options }) => ({
    score: ({ signals }) => {
      let top = -Infinity;
      for (const logit of signals.logits) top = Math.max(top, logit);
      let sum = 0;
      for (const logit of signals.logits) sum += Math.exp((logit - top) / options.temperature);
      return -Math.log(sum);
    },
  }),
);
`;

const decorators = (
  name: string,
): string => `import { inject, logits, OPTIONS, router, z, type Logits, type Router, type RouterInput } from 'routerxbench';

const Options = z.strictObject({ temperature: z.number().positive().default(1) });

/**
 * The likelier the first token of the answer, the surer the weak model. Larger = keep the weak
 * model.
 */
@router({ name: '${name}', summary: 'The log-probability of the likeliest first token', needs: [logits()], options: Options })
export class ${className(name)} implements Router<{ logits: Logits }> {
  constructor(@inject(OPTIONS) private readonly options: z.infer<typeof Options>) {}

  readonly score = ({ signals }: RouterInput<{ logits: Logits }>): number => {
    let top = -Infinity;
    for (const logit of signals.logits) top = Math.max(top, logit);
    let sum = 0;
    for (const logit of signals.logits) sum += Math.exp((logit - top) / this.options.temperature);
    return -Math.log(sum);
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

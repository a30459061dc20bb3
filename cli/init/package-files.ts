/** What every new plugin package contains besides its plugin and its test. */

/** How a plugin is written. */
export type Style = 'define' | 'decorators' | 'javascript';

/** Kinds of plugin that a new package can hold. */
export type PackageKind = 'router' | 'dataset' | 'scorer' | 'metric' | 'reporter';

/** A new plugin: what it is called and how it is written. */
export interface NewPlugin {
  /** Kebab-case: the name of the plugin, its file and its package. */
  readonly name: string;
  readonly style: Style;
  /** Version of the harness that it is made for. */
  readonly harness: string;
}

/** Path → text. */
export type Files = Readonly<Record<string, string>>;

/** `my-router` → `MyRouter`. */
export const className = (name: string): string =>
  name.replace(/(?:^|-)([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase());

/** The code file's ending, and the one by which a test imports it. */
export const endings = (style: Style): { readonly code: string; readonly test: string } =>
  style === 'javascript' ? { code: 'js', test: 'js' } : { code: 'ts', test: 'ts' };

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** How a config names a plugin of a kind, besides its package. */
const LISTED: Readonly<Record<PackageKind, (name: string) => string>> = {
  router: (name) => `, and list \`'${name}'\` under \`routers\``,
  dataset: () => '',
  scorer: () => '',
  metric: (name) => `, and list \`'${name}'\` under \`metrics\``,
  reporter: (name) => `, and name it with \`--reporter ${name}\` or under \`reporters\``,
};

/**
 * package.json, the compiler's settings, .gitignore, .npmrc and README of a package of one kind.
 */
export function packageFiles(kind: PackageKind, { name, style, harness }: NewPlugin): Files {
  const script = style === 'javascript';
  const built = script ? 'src' : 'dist/src';
  return {
    'package.json': json({
      name: `rxb-${kind}-${name}`,
      version: '0.1.0',
      description: `The ${kind} ${name} for routerxbench`,
      keywords: ['routerxbench-plugin'],
      license: 'MIT',
      type: 'module',
      // sources are loaded as they are: what is listed is what was last written
      harness: { plugins: 'src' },
      files: ['src'],
      scripts: script
        ? { lint: 'node --check src/*.js', test: 'node --test test/*.test.js' }
        : { build: 'tsc', lint: 'tsc --noEmit', test: 'tsc && node --test dist/test/*.test.js' },
      peerDependencies: { routerxbench: `^${harness}` },
      devDependencies: {
        routerxbench: `^${harness}`,
        ...(script ? {} : { '@types/node': '^20.19.0', typescript: '~5.9.3' }),
      },
    }),
    '.gitignore': 'node_modules\ndist\nresults\n',
    '.npmrc': 'ignore-scripts=true\n',
    ...(script
      ? {}
      : {
          'tsconfig.json': json({
            compilerOptions: {
              target: 'ES2022',
              lib: ['ES2023'],
              module: 'NodeNext',
              rootDir: '.',
              outDir: 'dist',
              skipLibCheck: true,
              types: ['node'],
              strict: true,
              noUnusedLocals: true,
              noUnusedParameters: true,
              noUncheckedIndexedAccess: true,
              noImplicitOverride: true,
              ...(style === 'decorators' ? { experimentalDecorators: true } : {}),
            },
            include: ['src', 'test'],
          }),
        }),
    'README.md': `# ${name}

A ${kind} for [routerxbench](https://www.npmjs.com/package/routerxbench). \`src/${name}.${endings(style).code}\` is all of it; \`test/\` checks that it keeps the contract of ${kind}s.

\`\`\`sh
npm install
npm test
npx rxb show ${name}
\`\`\`

To use it in a benchmark: \`npm install\` this package there, or name its folder under \`plugins\` in harness.config.ts${LISTED[kind](name)}.${script ? '' : ` (Compiled code is in \`${built}\`; the harness loads the sources.)`}
`,
  };
}

/** The test of a plugin: its contract suite under Node's own test runner. */
export function contractTest(suite: string, name: string, argument: string): string {
  return `import { describe, it } from 'node:test';
import { ${suite} } from 'routerxbench/testing';
import { ${className(name)} } from '../src/${name}.js';

${suite}(${className(name)}, ${argument}, { describe, it });
`;
}

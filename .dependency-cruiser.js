/**
 * Who may import whom: the one source of truth. `npm run lint` checks it, `npm run docs:imports`
 * writes the section of docs/architecture.md from the comments below.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** A folder and the folders beside it that its code may import. */
const LAYERS = {
  core: [],
  sandbox: ['core'],
  storage: ['core'],
  analysis: ['core'],
  pipeline: ['core', 'sandbox', 'storage', 'analysis'],
  cli: ['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'presets'],
  presets: ['core'],
  testing: ['core', 'sandbox', 'storage', 'analysis', 'pipeline'],
};
const ALL = ['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'cli', 'presets', 'testing'];

const layerRules = Object.entries(LAYERS).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment:
    allowed.length === 0
      ? `\`${folder}\` imports no other folder of the project.`
      : `\`${folder}\` imports ${allowed.map((name) => `\`${name}\``).join(', ')}.`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: `^(${[...ALL, 'plugins', 'test', 'bench', 'models'].filter((name) => name !== folder && !allowed.includes(name)).join('|')})/`,
    ...(folder === 'analysis' ? { pathNot: '^storage/results/types\\.ts$' } : {}),
  },
}));

export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'No import circles, type-only ones included: shared types have a file of their own.',
      severity: 'error',
      from: { path: '^(core|sandbox|storage|analysis|pipeline|cli|plugins|presets|testing)/' },
      to: { circular: true },
    },
    ...layerRules,
    {
      name: 'analysis-reads-types-of-storage',
      comment: '`analysis` may also import the types of result files, never code of `storage`.',
      severity: 'error',
      from: { path: '^analysis/' },
      to: { path: '^storage/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'plugins-import-the-public-api',
      comment:
        'A plugin imports `core/index.ts`, npm packages, and the shared code of its kind (`_…`); metrics and reporters also `analysis/index.ts`.',
      severity: 'error',
      from: { path: '^plugins/', pathNot: '^plugins/(metrics|reporters)/' },
      to: {
        path: '^(core|sandbox|storage|analysis|pipeline|cli|testing|presets|test|bench)/',
        pathNot: '^core/index\\.ts$',
      },
    },
    {
      name: 'metrics-and-reporters-also-read-analysis',
      comment:
        'A metric or reporter imports `core/index.ts` and `analysis/index.ts` of the project.',
      severity: 'error',
      from: { path: '^plugins/(metrics|reporters)/' },
      to: {
        path: '^(core|sandbox|storage|analysis|pipeline|cli|testing|presets|test|bench)/',
        pathNot: '^(core|analysis)/index\\.ts$',
      },
    },
    {
      name: 'nothing-imports-a-plugin',
      comment:
        'Nothing imports a plugin, and a plugin never imports another: the one way in is `import(url)` in `core/plugin-files.ts`.',
      severity: 'error',
      from: { path: '^(core|sandbox|storage|analysis|pipeline|cli|testing|presets|plugins)/' },
      to: { path: '^plugins/[^/]+/[^_/][^/]*\\.ts$' },
    },
    {
      name: 'shared-code-stays-within-its-kind',
      comment: 'Shared code of a kind is imported by plugins of that kind only.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/' },
      to: { path: '^plugins/', pathNot: '^plugins/$1/' },
    },
    {
      name: 'pure-code-reads-nothing',
      comment:
        '`analysis` and `pipeline/protocol` are pure: no disk, no network, no process (lint also forbids the clock and `Math.random`).',
      severity: 'error',
      from: { path: '^(analysis|pipeline/protocol)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'injection-has-one-door',
      comment: 'Only `core/di.ts` imports tsyringe and reflect-metadata.',
      severity: 'error',
      from: { pathNot: '^core/di\\.ts$' },
      to: { path: 'node_modules/(tsyringe|reflect-metadata)/' },
    },
    {
      name: 'no-unresolved',
      comment: 'Every import can be resolved.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(routerxbench|@tensorflow/tfjs-node(-gpu)?)' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/fixtures)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};

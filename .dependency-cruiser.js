/**
 * Who may import whom: the one source of truth. `npm run lint` checks it, and `npm run docs:imports`
 * writes the section of docs/architecture.md from the comments below. A new rule needs an import
 * that breaks it in test/repo/import-rules.test.ts.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */

/** A folder, and the folders that its code may import. */
const LAYERS = {
  core: [],
  sandbox: ['core'],
  storage: ['core'],
  analysis: ['core'],
  pipeline: ['core', 'sandbox', 'storage', 'analysis'],
  cli: ['core', 'sandbox', 'storage', 'analysis', 'pipeline', 'presets', 'testing'],
  presets: ['core'],
  testing: ['core', 'sandbox', 'storage', 'analysis', 'pipeline'],
};
const LAYER_NAMES = Object.keys(LAYERS);
/** Folders that are not part of the product, or that nothing imports. */
const OUTSIDE = ['plugins', 'models', 'test', 'bench', 'fuzz'];

const oneOf = (names) => `^(${names.join('|')})/`;
/** All code of the product. */
const PRODUCT = oneOf([...LAYER_NAMES, 'plugins']);
/** The kinds of plugins that work on results. */
const RESULT_KINDS = '^plugins/(metrics|reporters)/';
const STORED_TYPES = '^storage/results/types\\.ts$';

const list = (names) => {
  const quoted = names.map((name) => `\`${name}\``);
  return quoted.length < 2
    ? quoted.join('')
    : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
};

const layerRules = Object.entries(LAYERS).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment:
    allowed.length === 0
      ? `\`${folder}\` imports no other folder of the project.`
      : `Of the project, \`${folder}\` imports ${list(allowed)} only.`,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: oneOf([
      ...LAYER_NAMES.filter((name) => name !== folder && !allowed.includes(name)),
      ...OUTSIDE,
    ]),
    ...(folder === 'analysis' ? { pathNot: STORED_TYPES } : {}),
  },
}));

const NO_API = oneOf([...LAYER_NAMES, ...OUTSIDE.filter((name) => name !== 'plugins')]);

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'analysis-imports-types-of-storage',
      comment: '`analysis` may also import the types of result files, never code of `storage`.',
      severity: 'error',
      from: { path: '^analysis/' },
      to: { path: STORED_TYPES, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'plugins-import-the-public-api',
      comment:
        'Of the project, a plugin imports `core/index.ts`, the published subpaths of `routerxbench`, and shared code of its kind (names that begin with `_`).',
      severity: 'error',
      from: { path: '^plugins/', pathNot: RESULT_KINDS },
      to: { path: NO_API, pathNot: '^core/index\\.ts$' },
    },
    {
      name: 'metrics-and-reporters-import-analysis',
      comment: 'Metrics and reporters may also import `analysis/index.ts`.',
      severity: 'error',
      from: { path: RESULT_KINDS },
      to: { path: NO_API, pathNot: '^(core|analysis)/index\\.ts$' },
    },
    {
      name: 'nothing-imports-a-plugin',
      comment:
        'Nothing imports a plugin, not even another plugin. The one way in is `import(url)` in `core/plugin-files.ts`.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { path: '^plugins/[^/]+/[^_]' },
    },
    {
      name: 'shared-code-stays-within-its-kind',
      comment: 'Only plugins of one kind import the shared code of that kind.',
      severity: 'error',
      from: { path: '^plugins/([^/]+)/' },
      to: { path: '^plugins/', pathNot: '^plugins/$1/' },
    },
    {
      name: 'no-import-by-package-name',
      comment: 'Only plugins import the package by its own name, `routerxbench`.',
      severity: 'error',
      from: { path: oneOf(LAYER_NAMES) },
      to: { path: '^(dist/|routerxbench(/|$))' },
    },
    {
      name: 'no-circles',
      comment:
        'There are no import circles, type-only ones included: shared types have a file of their own.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { circular: true },
    },
    {
      name: 'pure-code-reads-nothing',
      comment:
        '`analysis` and `pipeline/protocol` are pure: they import no module of Node.js. Lint also forbids the clock and `Math.random` there.',
      severity: 'error',
      from: { path: '^(analysis|pipeline/protocol)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'one-file-imports-the-injection-packages',
      comment: 'Only `core/di.ts` imports tsyringe and reflect-metadata.',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^core/di\\.ts$' },
      to: { path: 'node_modules/(tsyringe|reflect-metadata)/' },
    },
    {
      name: 'optional-packages-are-loaded-on-use',
      comment:
        'Optional packages (onnxruntime-node, TensorFlow.js) are loaded on first use; a static `import` of one is for types only.',
      severity: 'error',
      from: { path: PRODUCT },
      to: {
        path: 'node_modules/(onnxruntime-node|@tensorflow)/',
        dependencyTypesNot: ['type-only', 'type-import', 'dynamic-import', 'require'],
      },
    },
    {
      name: 'no-development-packages',
      comment: 'The product imports no package that only development needs.',
      severity: 'error',
      from: { path: PRODUCT },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
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
    doNotFollow: { path: '(^|/)node_modules/|^dist/' },
    exclude: { path: '^test/fixtures/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};

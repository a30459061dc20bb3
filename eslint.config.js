import tseslint from 'typescript-eslint';

/**
 * Import directions: docs/architecture.md, "Who may import whom". test/house/boundaries.test.ts
 * checks the same from the compiled imports.
 */
const forbid = (...patterns) => ['error', { patterns }];
const pattern = (regex, message) => ({ regex, message });

const noPlugins = pattern(
  '(^|/)plugins/',
  'core never imports plugins; they come in through discover.ts',
);
const noInjection = pattern(
  '^(tsyringe|reflect-metadata)$',
  'only core/di.ts names the injection packages',
);
const noNode = pattern('^node:', 'this folder is pure: no disk, no network, no process');

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'results/', 'models/tiny/*/', 'test/fixtures/'] },
  ...tseslint.configs.strict,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-restricted-globals': [
        'error',
        { name: 'process', message: 'only core/cli/main.ts touches the process' },
      ],
    },
  },
  { files: ['core/**/*.ts'], rules: { 'no-restricted-imports': forbid(noPlugins, noInjection) } },
  { files: ['core/di.ts'], rules: { 'no-restricted-imports': forbid(noPlugins) } },
  {
    files: [
      'core/metrics/**/*.ts',
      'core/protocol/**/*.ts',
      'core/report/**/*.ts',
      'core/statistics/**/*.ts',
    ],
    rules: {
      'no-restricted-imports': forbid(noPlugins, noInjection, noNode),
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'use a seeded source' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'], CallExpression[callee.object.name='Date']",
          message: 'no clock here',
        },
      ],
    },
  },
  {
    files: ['core/util/**/*.ts', 'core/contracts.ts', 'core/errors.ts'],
    rules: {
      'no-restricted-imports': forbid(
        noPlugins,
        noInjection,
        pattern('^\\.\\./', 'util imports nothing of ours'),
      ),
    },
  },
  {
    files: ['plugins/*/*.ts', 'plugins/*/_*/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        noInjection,
        pattern('core/(?!index\\.js)', 'plugins import only the door, core/index.ts'),
        pattern('^\\./(?!_)[^/]*$(?<!^\\./_.*)', 'a plugin never imports another plugin'),
      ),
    },
  },
  {
    files: ['plugins/*/_*/**/*.ts'],
    rules: {
      'no-restricted-imports': forbid(
        noInjection,
        pattern('core/(?!index\\.js)', 'plugins import only the door, core/index.ts'),
      ),
    },
  },
  {
    files: ['core/cli/main.ts', 'test/**/*.ts', 'bench/**/*.ts', 'models/**/*.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);

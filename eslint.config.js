import tseslint from 'typescript-eslint';

/** Who may import whom is in .dependency-cruiser.js; here is how code within a file is written. */
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
        { name: 'process', message: 'only cli/main.ts touches the process' },
      ],
    },
  },
  {
    files: ['analysis/**/*.ts', 'pipeline/protocol/**/*.ts'],
    rules: {
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
    files: ['cli/main.ts', 'testing/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'models/**/*.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);

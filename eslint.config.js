import { builtinRules } from 'eslint/use-at-your-own-risk';
import tseslint from 'typescript-eslint';
import { noAssertedData } from './.ci/no-asserted-data.js';

const LONGEST_FUNCTION = { max: 60, skipBlankLines: true, skipComments: true };

/** For tests: the callback of `describe` or `it`, and those within it, may be longer. */
const maxLines = builtinRules.get('max-lines-per-function');
const maxLinesOfTests = {
  ...maxLines,
  create: (context) =>
    maxLines.create(
      Object.create(context, {
        report: {
          value: (problem) => {
            if (problem.node.parent.type !== 'CallExpression') context.report(problem);
          },
        },
      }),
    ),
};

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
    files: ['**/*.ts'],
    rules: {
      'max-lines-per-function': ['error', LONGEST_FUNCTION],
      'max-len': [
        'error',
        {
          code: 100,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true,
        },
      ],
      'no-nested-ternary': 'error',
      'no-sequences': ['error', { allowInParentheses: false }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: [...['test/**', 'bench/**', 'examples/**', 'fuzz/**']],
    plugins: { local: { rules: { 'no-asserted-data': noAssertedData } } },
    rules: { 'local/no-asserted-data': 'error' },
  },
  {
    files: ['test/**/*.ts'],
    plugins: { form: { rules: { 'max-lines-per-function': maxLinesOfTests } } },
    rules: {
      'max-lines-per-function': 'off',
      'form/max-lines-per-function': ['error', LONGEST_FUNCTION],
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
    files: ['cli/main.ts', 'testing/**/*.ts', 'test/**/*.ts', '{bench,fuzz,models}/**/*.ts'],
    rules: { 'no-restricted-globals': 'off' },
  },
  {
    // numeric code: x[i]! reads better than (x[i] as number) in a sum
    files: ['plugins/routers/**/*.ts', 'plugins/models/_onnx/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-unused-expressions': 'off' } },
);

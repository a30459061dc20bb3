/**
 * Suites of datasets whose rows are not available without files: only their definitions are
 * checked; test/unit/plugins/datasets checks their rows.
 */
import type { DatasetSuite } from '../../testing/index.js';

const ELSEWHERE = { rows: false } as const;

const PINNED = { revision: '0'.repeat(40), file: { path: 'rows.parquet', sha256: '0'.repeat(64) } };
const UPSTREAM = [
  ...[
    'alpaca-5k',
    'big-math-5k',
    'mmlu',
    'magpie-5k',
    'math',
    'hotpotqa-500',
    'hotpotqa-4k',
    'numina-cot-5k',
    'mt-bench',
  ],
  ...[
    'biology',
    'business',
    'chemistry',
    'computer-science',
    'economics',
    'engineering',
    'health',
    'history',
    'law',
    'math',
    'other',
    'philosophy',
    'physics',
    'psychology',
  ].map((subject) => `mmlu-pro-${subject}`),
];

export const DATASETS: Readonly<Record<string, DatasetSuite>> = {
  ...Object.fromEntries(UPSTREAM.map((name) => [name, ELSEWHERE])),
  ...Object.fromEntries(
    ['routellm-mmlu', 'routellm-gsm8k', 'routellm-mt-bench'].map((name) => [
      name,
      { ...ELSEWHERE, options: { folder: 'RouteLLM' } },
    ]),
  ),
  routerarena: { ...ELSEWHERE, options: { folder: 'RouterArena', models: ['a', 'b'] } },
  llmrouter: { ...ELSEWHERE, options: { splits: { test: 'routing.jsonl' } } },
  alpaca: { ...ELSEWHERE, options: PINNED },
  'med-qa-1k': { ...ELSEWHERE, options: PINNED },
  huggingface: {
    ...ELSEWHERE,
    options: {
      repo: 'owner/name',
      revision: PINNED.revision,
      splits: { test: PINNED.file },
      licence: 'MIT',
    },
  },
  jsonl: { ...ELSEWHERE, options: { file: 'rows.jsonl', licence: 'MIT' } },
  csv: { ...ELSEWHERE, options: { file: 'rows.csv', licence: 'MIT' } },
  parquet: { ...ELSEWHERE, options: { file: 'rows.parquet', licence: 'MIT' } },
};

/** Suites of the datasets whose rows cannot be had without files: only what they declare is checked for all; their rows in test/plugins/datasets. */
import type { DatasetSuite } from '../contract/index.js';

const ELSEWHERE = { rows: false } as const;

export const DATASETS: Readonly<Record<string, DatasetSuite>> = {
  jsonl: { ...ELSEWHERE, options: { file: 'rows.jsonl', licence: 'MIT' } },
  csv: { ...ELSEWHERE, options: { file: 'rows.csv', licence: 'MIT' } },
  parquet: { ...ELSEWHERE, options: { file: 'rows.parquet', licence: 'MIT' } },
};

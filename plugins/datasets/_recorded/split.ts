/** Splits of recorded datasets that define none, and clusters of repeated questions. */
import { createHash } from 'node:crypto';
import type { DatasetRow } from '../../../core/index.js';

/**
 * All rows, or one of two parts: by a hash of the prompt, so that a repeated question is in one
 * part only.
 */
export const PARTS = ['all', 'train', 'test'] as const;

/** A quarter of the rows is the test part. */
const TEST_SHARE = 0.25;

const computeDigest = (prompt: string): string => createHash('sha256').update(prompt).digest('hex');

/** Yields the rows of a part, each with the cluster of its prompt. */
export async function* part(
  rows: AsyncIterable<DatasetRow>,
  split: string,
): AsyncGenerator<DatasetRow> {
  for await (const row of rows) {
    const digest = computeDigest(row.prompt);
    const assigned =
      Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32 < TEST_SHARE ? 'test' : 'train';
    if (split === 'all' || split === assigned)
      yield { ...row, cluster: row.cluster ?? digest.slice(0, 12) };
  }
}

/** Names of what is in the folder of the answer cache. */
import { readdir } from 'node:fs/promises';

/** Folders of models are called by the first digits of a fingerprint. */
export const MODEL_FOLDER = /^[0-9a-f]{24}$/;

const SEGMENT = /^\d{4}-\d\d-\d\dT[\d-]+Z-\d+-\d+(?:\.sums)?\.jsonl$/;

/** Names of the segments in a folder, in order; empty if it does not exist. Links are none. */
export const listSegments = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder, { withFileTypes: true }).catch(() => []))
    .filter((item) => item.isFile() && SEGMENT.test(item.name))
    .map(({ name }) => name)
    .sort();

/** Whether the lines of a segment have checksums; those of older versions have none. */
export const isSealed = (segment: string): boolean => segment.endsWith('.sums.jsonl');

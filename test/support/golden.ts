import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Reads a file of test/fixtures/golden; each names the origin of its numbers. Tests run in the root
 * of the repository.
 */
export const golden = async <T>(name: string): Promise<T> =>
  JSON.parse(await readFile(join('test', 'fixtures', 'golden', name), 'utf8')) as T;

/** The logistic function, for golden numbers that were squashed. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

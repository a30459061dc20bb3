/** What the targets of tables share. */
import { createInstance } from '../test/support/instance.js';
import { openQuerySet } from '../pipeline/query-set.js';
import type { DatasetRow, Random } from '../core/index.js';

/** A row as a user may have it. */
export const tableRow = (i: number, random: Random): Record<string, unknown> => ({
  id: `r${i}`,
  prompt: `What is ${i} + ${i}?`,
  reference: String(2 * i),
  w: random.int(0, 1),
  s: 1,
  said: 'two',
  meta: { topic: 'sum' },
  choices: ['a', 'b'],
});

/** The rows of the split "test", read as a run reads them: checked once, then in blocks. */
export async function readSplit(
  plugin: new (...args: never[]) => unknown,
  options: object,
  folder: string,
): Promise<readonly DatasetRow[]> {
  const set = await openQuerySet(createInstance('dataset', plugin, options, folder), {
    dataset: 'd',
    split: 'test',
    limit: undefined,
    count: undefined,
    seed: 1,
  });
  const rows: DatasetRow[] = [];
  for await (const block of set.blocks()) rows.push(...block.rows);
  return rows;
}

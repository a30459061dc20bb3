/** A small dataset that keeps the contract, and one for every rule that breaks it. */
import { z } from 'zod';
import {
  dataset,
  type Dataset,
  type DatasetDefinition,
  type DatasetRow,
} from '../../../core/index.js';
import type { PluginClass } from '../../../testing/index.js';

type Rows = (split: string) => readonly object[];

const row = (split: string, i: number, over: object = {}): DatasetRow => ({
  id: `${split}-${i}`,
  prompt: `What is ${i} in ${split}?`,
  reference: `${i}`,
  domain: 'numbers',
  ...over,
});
const three = (split: string, over: (i: number) => object = () => ({})): readonly DatasetRow[] =>
  [1, 2, 3].map((i) => row(split, i, over(i)));

const createDataset = (
  rows: Rows,
  over: Partial<DatasetDefinition> = {},
  paraphrases?: Dataset['paraphrases'],
): PluginClass => {
  class Made {
    declare readonly paraphrases?: Required<Dataset>['paraphrases'];
    constructor() {
      if (paraphrases !== undefined) Object.assign(this, { paraphrases });
    }
    readonly read = (split: string): readonly DatasetRow[] => rows(split) as readonly DatasetRow[];
  }
  dataset({
    name: 'made',
    summary: 'Made for the tests of the contract',
    splits: ['train', 'test'],
    licence: 'MIT',
    source: { text: 'written here' },
    scorer: 'exact',
    scale: [0, 1],
    label: 'correct',
    ...over,
  })(Made);
  return Made;
};

/** Keeps the contract. */
export const GoodDataset = createDataset(
  (split) => three(split),
  {},
  ({ prompt }) => [`${prompt} Please.`, `Tell me: ${prompt}`],
);

let reads = 0;

/** Rule → a dataset that breaks it. */
export const BROKEN_DATASETS: Readonly<Record<string, PluginClass>> = {
  marked: class Unmarked {
    readonly read = three;
  },
  named: createDataset((split) => three(split), { aliases: ['made'] }),
  'strict-options': createDataset((split) => three(split), { options: z.object({}) }),
  declares: createDataset((split) => three(split), { licence: '', threshold: 2 }),
  'splits-readable': createDataset((split) => (split === 'test' ? [] : three(split))),
  'rows-well-formed': createDataset((split) =>
    three(split, (i) => (i === 2 ? { prompt: ' ' } : {})),
  ),
  'unique-ids': createDataset((split) => three(split, () => ({ id: 'one' }))),
  stable: createDataset((split) => three(split, (i) => ({ reference: `${i + reads++}` }))),
  'splits-disjoint': createDataset((split) => three(split, (i) => ({ prompt: `What is ${i}?` }))),
  'recorded-outcomes': createDataset((split) =>
    three(split, (i) => ({
      recorded: { small: i === 2 ? { grade: 3 } : { grade: 1, cost: 0.01 } },
    })),
  ),
  'content-versioned': createDataset((split) => three(split, () => ({ domain: 'sums' }))),
  paraphrases: createDataset(
    (split) => three(split),
    {},
    ({ prompt }) => [prompt.replace('test', 'train').replace(' 1 ', ' 2 ')],
  ),
  'references-graded-top': createDataset((split) =>
    three(split, (i) => (i === 3 ? { reference: '.' } : {})),
  ),
};

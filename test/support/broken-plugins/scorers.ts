/** A small scorer that keeps the contract, and one for every rule that breaks it. */
import { z } from 'zod';
import { scorer, type DatasetRow, type ScorerDefinition } from '../../../core/index.js';
import type { PluginClass } from '../../../testing/index.js';

type Answer = { readonly text: string };
type Grading = (row: DatasetRow, answer: Answer) => unknown;

const createScorer = (grade: Grading, over: Partial<ScorerDefinition> = {}): PluginClass => {
  class Made {
    readonly grade = grade as never;
  }
  scorer({
    name: 'made',
    summary: 'Made for the tests of the contract',
    scale: [0, 1],
    ...over,
  } as ScorerDefinition)(Made);
  return Made;
};

const equal: Grading = ({ reference }, { text }) => {
  if (text.trim() === '') return { value: null, reason: 'the answer is empty' };
  return { value: [reference].flat().includes(text) ? 1 : 0 };
};

/** Keeps the contract. */
export const GoodScorer = createScorer(equal);

let grades = 0;

/** Rule → a scorer that breaks it. */
export const BROKEN_SCORERS: Readonly<Record<string, PluginClass>> = {
  marked: class Unmarked {
    readonly grade = equal;
  },
  named: createScorer(equal, { name: 'made-', summary: 'two\nlines' }),
  'strict-options': createScorer(equal, { options: z.looseObject({}) }),
  declares: createScorer(equal, { scale: [1, 1] }),
  'right-is-top': createScorer((row, answer) => ({
    value: (equal(row, answer) as { value: number | null }).value === 1 ? 0.9 : 0,
  })),
  'reference-is-top': createScorer((row, answer) =>
    row.id === 'several' && answer.text === 'ja' ? { value: 0.5 } : equal(row, answer),
  ),
  'wrong-is-below': createScorer((_row, { text }) =>
    text.trim() === '' ? equal(_row, { text }) : { value: 1 },
  ),
  'empty-is-null': createScorer((row, answer) =>
    answer.text === '' ? { value: 0 } : equal(row, answer),
  ),
  'same-grade': createScorer((row, answer) =>
    answer.text.trim() === '' ? equal(row, answer) : { value: grades++ % 2 },
  ),
  'within-scale': createScorer((row, answer) =>
    (equal(row, answer) as { value: number | null }).value === 0
      ? { value: -1 }
      : equal(row, answer),
  ),
  'withstands-hostile-text': createScorer((row, answer) => {
    JSON.parse(`"${answer.text.trim()}"`);
    return equal(row, answer);
  }),
};

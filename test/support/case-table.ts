/** Tables of answers with the grades they must get. */
import { readFileSync } from 'node:fs';
import type { DatasetRow, Grade, Scorer } from '../../core/index.js';

/** The groups of a table under `cases/`. Tests run in the root of the repository. */
export const readCases = <Group>(name: string): readonly Group[] =>
  JSON.parse(readFileSync(`test/fixtures/grader-cases/${name}.json`, 'utf8')) as readonly Group[];

/** Grades answers to one question with a scorer that uses no model. */
export const gradeWith =
  (
    scorer: Scorer,
    row: Partial<DatasetRow> & Pick<DatasetRow, 'reference'>,
  ): ((text: string) => Promise<Grade>) =>
  async (text) =>
    await scorer.grade(
      { id: 'case', prompt: 'A question', domain: 'cases', ...row },
      { text },
      { ask: () => Promise.reject(new Error('this scorer uses no model')) },
    );

/** The share of values that satisfy the condition. */
export const share = <T>(values: readonly T[], so: (value: T) => boolean): number =>
  values.filter(so).length / values.length;

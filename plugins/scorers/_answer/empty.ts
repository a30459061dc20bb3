import type { DatasetRow, Grade } from '../../../core/index.js';

/** The grade of an answer without a letter, digit or sign: there is none. */
export const EMPTY: Grade = { value: null, reason: 'the answer is empty' };

/** Whether an answer is nothing but white space and stops. */
export const isEmpty = (text: string): boolean => !/[^\s.]/.test(text);

/** The answers that are equally right. */
export const getReferences = (row: DatasetRow): readonly string[] =>
  typeof row.reference === 'string' ? [row.reference] : row.reference;

import type { DatasetRow, Grade } from '../../../core/index.js';

/** The grade of an answer without letters, digits or symbols: null. */
export const EMPTY: Grade = { value: null, reason: 'the answer is empty', unread: true };

/** Whether an answer contains nothing but white space and full stops. */
export const isEmpty = (text: string): boolean => !/[^\s.]/.test(text);

/** The references; each of them is right. */
export const getReferences = (row: DatasetRow): readonly string[] =>
  typeof row.reference === 'string' ? [row.reference] : row.reference;

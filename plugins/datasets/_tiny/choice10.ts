/**
 * Out of domain: ten options, other wordings, and categories that in-domain questions do not have.
 */
import { extreme, lettered, nextInSequence, oddOne } from './options.js';
import type { Random } from '../../../core/index.js';
import type { Family } from './question.js';
import { CATEGORIES, FAR_CATEGORIES } from './words.js';

const ALL: Readonly<Record<string, readonly string[]>> = { ...CATEGORIES, ...FAR_CATEGORIES };
const NAMES = Object.keys(ALL);
const getWords = (name: string): readonly string[] => ALL[name] as readonly string[];
const someCategory = (random: Random): string =>
  random.pick(Object.keys(random.float() < 0.5 ? FAR_CATEGORIES : CATEGORIES));

export const CHOICE10: readonly Family[] = [
  {
    name: 'extreme-of-ten',
    weight: 0.35,
    templates: [
      'Pick the {w} value from this list: {o}',
      'Select the {w} of the ten numbers: {o}',
      'From the ten values, point to the {w}: {o}',
      'Find the letter of the {w} value: {o}',
      'Among the following, select the {w} value: {o}',
    ],
    draw: (random) => extreme(random, 10, random.int(2, 3), ['highest', 'lowest']),
  },
  {
    name: 'odd-of-ten',
    weight: 0.25,
    templates: [
      'Pick the item that does not fit with the others: {o}',
      'Select the only word from another group: {o}',
      'Nine items share a group; point to the tenth: {o}',
      'Find the letter of the item that stands apart: {o}',
      'Among the following, select the stranger: {o}',
    ],
    draw: (random) => {
      const same = someCategory(random);
      const other = random.pick(NAMES.filter((name) => name !== same));
      return oddOne(random, 10, getWords(same), getWords(other));
    },
  },
  {
    name: 'kind-of-ten',
    weight: 0.25,
    templates: [
      'Pick the one {c} in this list: {o}',
      'Select the item that is a {c}: {o}',
      'Only one item is a {c}; point to it: {o}',
      'Find the letter of the {c}: {o}',
      'Among the following, select the {c}: {o}',
    ],
    draw: (random) => {
      const kind = someCategory(random);
      const pool = NAMES.filter((name) => name !== kind).flatMap(getWords);
      const { o, letter } = lettered(random, random.sample(pool, 9), random.pick(getWords(kind)));
      return { values: { c: kind, o }, answer: letter };
    },
  },
  {
    name: 'sequence-of-ten',
    weight: 0.15,
    templates: [
      'Pick the number that continues {s}: {o}',
      'Select the value that extends {s}: {o}',
      'The list {s} goes on; point to its next value: {o}',
      'Find the letter of the value after {s}: {o}',
      'Among the following, select the successor of {s}: {o}',
    ],
    draw: (random) => nextInSequence(random, 10, 60, 12),
  },
];

/** In domain: four options. */
import { extreme, lettered, nextInSequence, oddOne } from './options.js';
import type { Family } from './question.js';
import { CATEGORIES } from './words.js';

const NAMES = Object.keys(CATEGORIES);
const getWords = (name: string): readonly string[] => CATEGORIES[name] as readonly string[];

export const CHOICE4: readonly Family[] = [
  {
    name: 'extreme-of-four',
    weight: 0.3,
    templates: [
      'Which number is the {w}? {o}',
      'Choose the {w} number. {o}',
      'Which of these is {w}? {o}',
      'Mark the {w} number. {o}',
      'Which option shows the {w} number? {o}',
      'Name the {w} of these numbers. {o}',
    ],
    draw: (random) => extreme(random, 4, random.pick([1, 2, 2, 3]), ['largest', 'smallest']),
  },
  {
    name: 'odd-of-four',
    weight: 0.25,
    templates: [
      'Which is the odd one out? {o}',
      'Which word does not belong? {o}',
      'Choose the word that is different. {o}',
      'Mark the word of another kind. {o}',
      'Which option is unlike the rest? {o}',
    ],
    draw: (random) => {
      const [same, other] = random.sample(NAMES, 2) as [string, string];
      return oddOne(random, 4, getWords(same), getWords(other));
    },
  },
  {
    name: 'kind-of-four',
    weight: 0.25,
    templates: [
      'Which of these is a kind of {c}? {o}',
      'Choose the {c}. {o}',
      'Which word names a {c}? {o}',
      'Mark the {c}. {o}',
      'Which option is a {c}? {o}',
    ],
    draw: (random) => {
      const [kind, ...rest] = random.sample(NAMES, 4) as [string, ...string[]];
      const { o, letter } = lettered(
        random,
        rest.map((name) => random.pick(getWords(name))),
        random.pick(getWords(kind)),
      );
      return { values: { c: kind, o }, answer: letter };
    },
  },
  {
    name: 'sequence-of-four',
    weight: 0.2,
    templates: [
      'What comes next: {s}? {o}',
      'Continue the sequence {s}. {o}',
      'Which number follows {s}? {o}',
      'Choose the next number: {s}. {o}',
      'Mark what comes after {s}. {o}',
    ],
    draw: (random) => nextInSequence(random, 4, 30, 9),
  },
];

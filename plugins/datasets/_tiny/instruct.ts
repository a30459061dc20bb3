/** In domain: one operation on a made-up word. */
import type { Random } from '../../../core/index.js';
import type { Facts, Family } from './question.js';
import { alphabetical, backwards, madeUpWord, VOWELS, withoutVowels } from './words.js';

const onWord =
  (answer: (word: string) => string, shortest = 3, longest = 8) =>
  (random: Random): Facts => {
    const w = madeUpWord(random, shortest, longest);
    return { values: { w }, answer: answer(w) };
  };

export const INSTRUCT: readonly Family[] = [
  {
    name: 'reverse',
    weight: 1.2,
    templates: [
      'Reverse the word "{w}".',
      'Write "{w}" backwards.',
      'Spell "{w}" in reverse.',
      'Turn "{w}" around.',
    ],
    draw: onWord(backwards),
  },
  {
    name: 'last-letter',
    weight: 0.7,
    templates: [
      'What is the last letter of "{w}"?',
      'Give the final letter of "{w}".',
      'Which letter ends "{w}"?',
    ],
    draw: onWord((word) => word.slice(-1)),
  },
  {
    name: 'uppercase',
    weight: 0.7,
    templates: [
      'Write "{w}" in uppercase.',
      'Convert "{w}" to capital letters.',
      'Capitalize every letter of "{w}".',
    ],
    draw: onWord((word) => word.toUpperCase()),
  },
  {
    name: 'length',
    weight: 1,
    templates: [
      'How many letters are in "{w}"?',
      'Count the letters of "{w}".',
      'Give the number of letters in "{w}".',
    ],
    draw: onWord((word) => String(word.length)),
  },
  {
    name: 'sort',
    weight: 1.4,
    templates: [
      'Sort the letters of "{w}" alphabetically.',
      'Put the letters of "{w}" in alphabetical order.',
      'Arrange the letters of "{w}" from a to z.',
    ],
    draw: onWord(alphabetical),
  },
  {
    name: 'repeat',
    weight: 1,
    templates: [
      'Repeat "{w}" {n}.',
      'Write "{w}" {n} without spaces.',
      'Say "{w}" {n} in one word.',
    ],
    draw: (random) => {
      const w = madeUpWord(random, 2, 5);
      const times = random.int(2, 3);
      return { values: { w, n: times === 2 ? 'twice' : 'three times' }, answer: w.repeat(times) };
    },
  },
  {
    name: 'count-vowels',
    weight: 0.7,
    templates: ['How many vowels are in "{w}"?', 'Count the vowels of "{w}".'],
    draw: onWord((word) => String([...word].filter((letter) => VOWELS.includes(letter)).length)),
  },
  {
    name: 'remove-vowels',
    weight: 0.7,
    templates: ['Remove the vowels from "{w}".', 'Write "{w}" without its vowels.'],
    draw: onWord((word) => withoutVowels(word) || 'none'),
  },
];

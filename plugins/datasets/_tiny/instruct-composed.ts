/** Out of domain: two operations on a word, or one on two words or a long one. */
import type { Random } from '../../../core/index.js';
import type { Facts, Family } from './question.js';
import { alphabetical, backwards, madeUpWord, withoutVowels } from './words.js';

const onWord =
  (answer: (word: string) => string, shortest = 4, longest = 9) =>
  (random: Random): Facts => {
    const w = madeUpWord(random, shortest, longest);
    return { values: { w }, answer: answer(w) };
  };

export const INSTRUCT_COMPOSED: readonly Family[] = [
  {
    name: 'reverse-and-uppercase',
    weight: 1,
    templates: [
      'Reverse "{w}" and then write it in uppercase.',
      'Write "{w}" backwards in capital letters.',
      'Take "{w}", turn it around and capitalize it.',
    ],
    draw: onWord((word) => backwards(word).toUpperCase()),
  },
  {
    name: 'sort-and-reverse',
    weight: 1,
    templates: [
      'Sort the letters of "{w}" and then reverse the result.',
      'Put the letters of "{w}" in reverse alphabetical order.',
      'Arrange the letters of "{w}" from z to a.',
    ],
    draw: onWord((word) => backwards(alphabetical(word))),
  },
  {
    name: 'remove-vowels-and-reverse',
    weight: 1,
    templates: [
      'Remove the vowels from "{w}" and then reverse the result.',
      'Drop all vowels of "{w}" and write the rest backwards.',
      'Take "{w}", lose its vowels and turn the rest around.',
    ],
    draw: onWord((word) => (withoutVowels(word) === '' ? 'none' : backwards(withoutVowels(word)))),
  },
  {
    name: 'third-letter',
    weight: 1,
    templates: [
      'What is the third letter of "{w}" in uppercase?',
      'Give letter number three of "{w}" as a capital.',
      'Take "{w}" and capitalize its third letter only; write that letter.',
    ],
    draw: onWord((word) => (word[2] as string).toUpperCase()),
  },
  {
    name: 'reverse-long',
    weight: 0.25,
    templates: ['Reverse the long word "{w}".'],
    draw: onWord(backwards, 8, 11),
  },
  {
    name: 'length-long',
    weight: 0.25,
    templates: ['How many letters are in the long word "{w}"?'],
    draw: onWord((word) => String(word.length), 8, 11),
  },
  {
    name: 'uppercase-long',
    weight: 0.25,
    templates: ['Write the long word "{w}" in uppercase.'],
    draw: onWord((word) => word.toUpperCase(), 8, 11),
  },
  {
    name: 'sort-long',
    weight: 0.25,
    templates: ['Sort the letters of the long word "{w}".'],
    draw: onWord(alphabetical, 8, 11),
  },
  {
    name: 'join-and-reverse',
    weight: 1,
    templates: [
      'Join "{u}" and "{v}" and then reverse the result.',
      'Append "{v}" to "{u}" and write it backwards.',
      'Glue "{u}" and "{v}" together and turn the whole around.',
    ],
    draw: (random) => {
      const [u, v] = [madeUpWord(random, 3, 5), madeUpWord(random, 3, 5)];
      return { values: { u, v }, answer: backwards(u + v) };
    },
  },
  {
    name: 'length-of-two',
    weight: 1,
    templates: [
      'How many letters do "{u}" and "{v}" have together?',
      'Count the letters of "{u}" and "{v}" and add them.',
      'Give the total number of letters of "{u}" and "{v}".',
    ],
    draw: (random) => {
      const [u, v] = [madeUpWord(random, 3, 6), madeUpWord(random, 3, 6)];
      return { values: { u, v }, answer: String(u.length + v.length) };
    },
  },
];

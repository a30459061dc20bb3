/** In domain: one operation on two numbers. */
import type { Random } from '../../../core/index.js';
import type { Facts, Family } from './question.js';
import { drawNumber } from './words.js';

const two = (random: Random): readonly [number, number] => {
  const digits = (): number => random.pick([1, 1, 2, 2, 2, 3]);
  return [drawNumber(random, digits()), drawNumber(random, digits())];
};

const facts = (a: number, b: number, answer: number): Facts => ({
  values: { a, b },
  answer: String(answer),
});

export const ARITHMETIC: readonly Family[] = [
  {
    name: 'add',
    weight: 0.42,
    templates: [
      'What is {a} + {b}?',
      'Compute {a} plus {b}.',
      'Find the sum of {a} and {b}.',
      '{a} + {b} = ?',
      'Add {a} and {b}.',
      'How much is {a} + {b}?',
      'Calculate {a} + {b}.',
      'Give the sum {a} + {b}.',
    ],
    draw: (random) => {
      const [a, b] = two(random);
      return facts(a, b, a + b);
    },
  },
  {
    name: 'subtract',
    weight: 0.38,
    templates: [
      'What is {a} - {b}?',
      'Compute {a} minus {b}.',
      'Find the difference between {a} and {b}.',
      '{a} - {b} = ?',
      'Subtract {b} from {a}.',
      'How much is {a} - {b}?',
      'Calculate {a} - {b}.',
      'Give the difference {a} - {b}.',
    ],
    draw: (random) => {
      const [x, y] = two(random);
      return facts(Math.max(x, y), Math.min(x, y), Math.abs(x - y));
    },
  },
  {
    name: 'multiply',
    weight: 0.2,
    templates: [
      'What is {a} * {b}?',
      'Compute {a} times {b}.',
      'Find the product of {a} and {b}.',
      '{a} * {b} = ?',
      'Multiply {a} by {b}.',
      'How much is {a} * {b}?',
      'Calculate {a} * {b}.',
      'Give the product {a} * {b}.',
    ],
    draw: (random) => {
      const pair = [drawNumber(random, random.int(1, 2)), drawNumber(random, 1)] as const;
      const [a, b] = random.float() < 0.5 ? pair : ([pair[1], pair[0]] as const);
      return facts(a, b, a * b);
    },
  },
];

/** Out of domain: word problems, two operations, and larger numbers, with different wordings. */
import type { Family } from './question.js';
import { NAMES, drawNumber, THINGS } from './words.js';

export const MATH_HARD: readonly Family[] = [
  {
    name: 'gain-and-lose',
    weight: 0.18,
    templates: [
      '{n} has {a} {t}. {n} buys {b} more and gives away {c}. How many {t} are left?',
      '{n} had {a} {t}, found {b} more and lost {c}. How many {t} does {n} have now?',
      '{n} owns {a} {t}, gets {b} from a friend and sells {c}. How many {t} remain?',
      'A box holds {a} {t}. {n} puts in {b} and takes out {c}. How many {t} are inside?',
    ],
    draw: (random) => {
      const [n, t, a, b] = [
        random.pick(NAMES),
        random.pick(THINGS),
        random.int(5, 60),
        random.int(2, 40),
      ];
      const c = a + b < 40 ? random.int(1, a + b - 1) : random.int(1, 30);
      return { values: { n, t, a, b, c }, answer: String(a + b - c) };
    },
  },
  {
    name: 'groups',
    weight: 0.17,
    templates: [
      '{n} buys {a} boxes with {b} {t} each and finds {c} more. How many {t} is that in total?',
      'There are {a} bags of {b} {t} and {c} loose {t}. How many {t} are there?',
      '{n} fills {a} shelves with {b} {t} each and keeps {c} aside. How many {t} does {n} have in all?',
      'Each of {a} friends brings {b} {t}, and {n} brings {c}. How many {t} do they have together?',
    ],
    draw: (random) => {
      const [n, t, a, b, c] = [
        random.pick(NAMES),
        random.pick(THINGS),
        random.int(2, 12),
        random.int(2, 9),
        random.int(1, 20),
      ];
      return { values: { n, t, a, b, c }, answer: String(a * b + c) };
    },
  },
  {
    name: 'two-steps',
    weight: 0.3,
    templates: [
      'Evaluate {a} + {b} {op} {c}.',
      'Work out the value of {a} + {b} {op} {c}.',
      'Simplify {a} + {b} {op} {c}.',
      'The result of {a} + {b} {op} {c} is what number?',
    ],
    draw: (random) => {
      const op = random.pick(['+', '-']);
      let [a, c] = [drawNumber(random, 2), drawNumber(random, random.int(1, 2))];
      const b = drawNumber(random, random.int(1, 2));
      if (op === '-' && a + b < c) [a, c] = [c, a];
      return { values: { a, b, c, op }, answer: String(op === '+' ? a + b + c : a + b - c) };
    },
  },
  {
    name: 'brackets',
    weight: 0.15,
    templates: [
      'Evaluate ({a} + {b}) * {c}.',
      'Work out ({a} + {b}) * {c}.',
      'Simplify ({a} + {b}) * {c}.',
      'The value of ({a} + {b}) * {c} is what number?',
    ],
    draw: (random) => {
      const [a, b, c] = [drawNumber(random, 1), drawNumber(random, 1), drawNumber(random, 1)];
      return { values: { a, b, c }, answer: String((a + b) * c) };
    },
  },
  {
    name: 'large-sum',
    weight: 0.12,
    templates: [
      'Work out {a} + {b}.',
      'The total of {a} and {b} is what number?',
      'Increase {a} by {b}.',
    ],
    draw: (random) => {
      const [a, b] = [drawNumber(random, random.int(3, 4)), drawNumber(random, random.int(3, 4))];
      return { values: { a, b }, answer: String(a + b) };
    },
  },
  {
    name: 'large-difference',
    weight: 0.08,
    templates: [
      'Work out {a} - {b}.',
      'Which number remains if {b} is taken from {a}?',
      'Decrease {a} by {b}.',
    ],
    draw: (random) => {
      const [x, y] = [drawNumber(random, random.int(3, 4)), drawNumber(random, random.int(3, 4))];
      return { values: { a: Math.max(x, y), b: Math.min(x, y) }, answer: String(Math.abs(x - y)) };
    },
  },
];

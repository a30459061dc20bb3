/**
 * Training-only material: one list of options and up to six lookups in it. One letter per example
 * teaches lookup too slowly; several lookups per list teach it within minutes.
 */
import type { Random } from '../../../core/index.js';
import { LETTERS, numbers } from './options.js';
import { CATEGORIES, FAR_CATEGORIES, drawNumber } from './words.js';

/**
 * A prompt, and the texts that follow it with the loss weight of each token (0 = given, not
 * learned).
 */
export interface Lookup {
  readonly prompt: string;
  readonly continuation: readonly (readonly [string, number])[];
}

const ALL: Readonly<Record<string, readonly string[]>> = { ...CATEGORIES, ...FAR_CATEGORIES };

const byItem = (
  random: Random,
  count: number,
): {
  readonly heads: readonly string[];
  readonly items: readonly (string | number)[];
  readonly keys: readonly (string | number)[];
} => {
  let items: readonly (string | number)[];
  if (random.float() < 0.4) {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(drawNumber(random, random.pick([1, 2, 2, 3])));
    items = [...drawn];
  } else items = random.sample(Object.values(ALL).flat(), count);
  return { heads: ['Which option is {x}? ', 'Find the letter of {x}. '], items, keys: items };
};

const KIND_HEADS = [
  'Which of these is a kind of {x}? ',
  'Choose the {x}. ',
  'Which word names a {x}? ',
  'Mark the {x}. ',
  'Which option is a {x}? ',
  'Pick the one {x} in this list: ',
  'Select the item that is a {x}: ',
  'Find the letter of the {x}: ',
];

const EXTREME_HEADS = [
  [
    'Which number is the {x}? ',
    'Choose the {x} number. ',
    'Which of these is {x}? ',
    'Mark the {x} number. ',
  ],
  ['Pick the {x} value from this list: ', 'Find the letter of the {x} value: '],
] as const;

/** Draws one list with its lookups. */
export function drawLookup(random: Random): Lookup {
  const count = random.pick([4, 4, 4, 6, 10]);
  const kind = random.float();
  let heads: readonly string[];
  let items: readonly (string | number)[];
  let asked: readonly (readonly [string | number, string])[];
  const letter = (i: number): string => LETTERS[i] as string;
  if (kind < 0.5) {
    const drawn = byItem(random, count);
    ({ heads, items } = drawn);
    asked = drawn.keys.map((key, i) => [key, letter(i)]);
  } else if (kind < 0.75) {
    const categories = random.sample(Object.keys(ALL), count);
    heads = KIND_HEADS;
    items = categories.map((name) => random.pick(ALL[name] as readonly string[]));
    asked = categories.map((name, i) => [name, letter(i)]);
  } else {
    const far = random.float() < 0.35;
    const values = random.shuffle(numbers(random, count, random.pick([1, 2, 2, 3])));
    heads = EXTREME_HEADS[far ? 1 : 0];
    items = values;
    const getLetter = (value: number): string => letter(values.indexOf(value));
    asked = [
      [far ? 'highest' : 'largest', getLetter(Math.max(...values))],
      [far ? 'lowest' : 'smallest', getLetter(Math.min(...values))],
    ];
  }
  const [first, ...rest] = random.sample(asked, 6) as [
    readonly [string | number, string],
    ...(readonly [string | number, string])[],
  ];
  const list = items.map((item, i) => `${letter(i)}) ${item}`).join(' ');
  return {
    prompt: random.pick(heads).replace('{x}', String(first[0])) + list,
    continuation: [
      [first[1], 2.5],
      ...rest.flatMap(([key, answer]): (readonly [string, number])[] => [
        [`\n ${key}\n`, 0],
        [answer, 1.5],
      ]),
    ],
  };
}

/** Facts of multiple-choice questions, for four and for ten options. */
import type { Random } from '../../../core/index.js';
import type { Facts } from './question.js';
import { drawNumber } from './words.js';

export const LETTERS = 'ABCDEFGHIJ';

/** `A) x B) y …` in random order, and the letter of the right one. */
export function lettered(
  random: Random,
  wrong: readonly (string | number)[],
  right: string | number,
): { readonly o: string; readonly letter: string } {
  const all = random.shuffle([...wrong, right]);
  return {
    o: all.map((item, i) => `${LETTERS[i] as string}) ${item}`).join(' '),
    letter: LETTERS[all.indexOf(right)] as string,
  };
}

/** `count` different numbers, close to each other in half of the cases. */
export function numbers(random: Random, count: number, digits: number): readonly number[] {
  const drawn = new Set<number>();
  if (random.float() < 0.5) {
    const centre = drawNumber(random, digits);
    while (drawn.size < count) drawn.add(Math.max(0, centre + random.int(-count * 2, count * 2)));
  }
  while (drawn.size < count) drawn.add(drawNumber(random, random.int(1, digits)));
  return [...drawn];
}

/** The largest or smallest of `count` numbers; `words` are the two superlatives. */
export function extreme(
  random: Random,
  count: number,
  digits: number,
  words: readonly [string, string],
): Facts {
  const all = numbers(random, count, digits);
  const largest = random.float() < 0.5;
  const right = largest ? Math.max(...all) : Math.min(...all);
  const { o, letter } = lettered(
    random,
    all.filter((value) => value !== right),
    right,
  );
  return { values: { w: largest ? words[0] : words[1], o }, answer: letter };
}

/** The word of another category. */
export function oddOne(
  random: Random,
  count: number,
  same: readonly string[],
  other: readonly string[],
): Facts {
  const { o, letter } = lettered(random, random.sample(same, count - 1), random.pick(other));
  return { values: { o }, answer: letter };
}

/** The next member of an arithmetic sequence. */
export function nextInSequence(
  random: Random,
  count: number,
  largestStart: number,
  largestStep: number,
): Facts {
  const step = random.int(1, largestStep) * (random.float() < 0.3 ? -1 : 1);
  const start = random.int(1, largestStart) + (step < 0 ? -step * 5 : 0);
  const right = start + 4 * step;
  const wrong = new Set<number>();
  while (wrong.size < count - 1) {
    const near = right + random.pick([-1, 1]) * random.int(1, 10);
    if (near >= 0) wrong.add(near);
  }
  const { o, letter } = lettered(
    random,
    [...wrong].sort((a, b) => a - b),
    right,
  );
  return { values: { s: [0, 1, 2, 3].map((i) => start + i * step).join(', '), o }, answer: letter };
}

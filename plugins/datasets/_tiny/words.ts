import type { Random } from '../../../core/index.js';

const list = (text: string): readonly string[] => text.split(' ');

/** Words by category, used in domain and out of domain. */
export const CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  fruit: list('apple pear plum grape mango peach lemon banana cherry melon fig kiwi'),
  animal: list('dog cat horse cow sheep lion tiger wolf bear rabbit goat fox'),
  color: list('red blue green yellow purple pink brown black white gray orange violet'),
  vehicle: list('car bus train truck boat plane bicycle tram van ship scooter taxi'),
  tool: list('hammer saw drill wrench screwdriver axe shovel chisel rake pliers file ladder'),
  instrument: list('piano violin flute drum guitar trumpet harp cello oboe banjo organ tuba'),
  bird: list('eagle sparrow owl parrot pigeon robin crow swan duck hawk raven goose'),
  vegetable: list('carrot potato onion cabbage spinach pea bean leek celery radish turnip beet'),
};

/** Categories that only out-of-domain questions use. */
export const FAR_CATEGORIES: Readonly<Record<string, readonly string[]>> = {
  country: list('France Spain Italy Japan China India Brazil Peru Kenya Egypt Canada Norway'),
  metal: list('iron copper silver gold zinc tin lead nickel steel bronze brass cobalt'),
  sport: list('tennis soccer golf rugby hockey boxing cricket judo rowing skiing polo karate'),
  planet: list('Mars Venus Saturn Jupiter Earth Mercury Neptune Uranus Pluto Ceres Titan Luna'),
};

export const NAMES = list('Tom Anna Ben Lucy Omar Mia Sam Nina');
export const THINGS = list('apples books coins cards stamps pens shells marbles');

const CONSONANTS = 'bcdfghjklmnprstvwz';
export const VOWELS = 'aeiou';

/**
 * A made-up word of `shortest` to `longest` letters in which vowels and consonants mostly
 * alternate.
 */
export function madeUpWord(random: Random, shortest: number, longest: number): string {
  const length = random.int(shortest, longest);
  let word = '';
  let vowel = random.float() < 0.35;
  while (word.length < length) {
    word += random.pick([...(vowel ? VOWELS : CONSONANTS)]);
    if (random.float() < 0.88) vowel = !vowel;
  }
  return word;
}

/** A number of `digits` digits without leading zeros (0 to 9 for one digit). */
export const drawNumber = (random: Random, digits: number): number =>
  digits === 1 ? random.int(0, 9) : random.int(10 ** (digits - 1), 10 ** digits - 1);

/** The letters of a word backwards. */
export const backwards = (word: string): string => [...word].reverse().join('');
/** The letters of a word in alphabetical order. */
export const alphabetical = (word: string): string => [...word].sort().join('');
/** The word without its vowels. */
export const withoutVowels = (word: string): string =>
  [...word].filter((letter) => !VOWELS.includes(letter)).join('');

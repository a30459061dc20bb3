import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { hash32 } from './hash32.js';

/** Seeded random numbers, the same on every machine: xoroshiro128+ (Blackman and Vigna, 2018). */
export interface Random {
  /** Uniform in [0, 1), 53 random bits. */
  readonly float: () => number;
  /** Uniform integer in [min, max], both ends included. */
  readonly int: (min: number, max: number) => number;
  /** One item of a non-empty list. */
  readonly pick: <T>(items: readonly T[]) => T;
  /** `count` different items of a list, in random order. */
  readonly sample: <T>(items: readonly T[], count: number) => T[];
  /** A shuffled copy (Fisher-Yates). */
  readonly shuffle: <T>(items: readonly T[]) => T[];
  /** Standard normal (Box-Muller). */
  readonly normal: () => number;
  /** An independent source for a named purpose: drawing from it does not move this one. */
  readonly fork: (label: string) => Random;
}

/** Makes a source from a seed; a string seed is hashed. */
export function seededRandom(seed: number | string): Random {
  const generator = xoroshiro128plus(
    typeof seed === 'number' && Number.isInteger(seed) ? seed : hash32(String(seed)),
  );
  // the first outputs of small seeds are close to each other
  for (let i = 0; i < 32; i++) generator.next();
  const float = (): number => {
    const high = generator.next() >>> 5;
    const low = generator.next() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  };
  const int = (min: number, max: number): number => min + Math.floor(float() * (max - min + 1));
  const shuffle = <T>(items: readonly T[]): T[] => {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = int(0, i);
      [out[i], out[j]] = [out[j] as T, out[i] as T];
    }
    return out;
  };
  return {
    float,
    int,
    shuffle,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('pick: the list is empty');
      return items[int(0, items.length - 1)] as (typeof items)[number];
    },
    sample: (items, count) => shuffle(items).slice(0, count),
    normal: () => Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float()),
    fork: (label) => seededRandom(`${String(seed)}/${label}`),
  };
}

/**
 * MinHash (Broder, 1997): texts that may share much are found by a few numbers of each; their
 * shingles then tell how much they do.
 */
import { hash32 } from '../../core/util/hash32.js';
import { ChainedKeys, withRoom } from '../util/chained-keys.js';

/** Words in a row that are one shingle. */
const SHINGLE_WORDS = 3;
/** Hash functions. */
const HASHES = 64;
/**
 * Signatures are looked up by bands of so many rows: two texts that share s of their shingles meet
 * with probability 1 − (1 − s⁴)¹⁶, 0.9998 at 0.8.
 */
const BAND_ROWS = 4;
const BANDS = HASHES / BAND_ROWS;

/** Odd multipliers and additions of the hash functions, drawn once from a fixed seed. */
const [MULTIPLY, ADD] = ((): readonly [Uint32Array, Uint32Array] => {
  const a = new Uint32Array(HASHES);
  const b = new Uint32Array(HASHES);
  for (let i = 0; i < HASHES; i++) [a[i], b[i]] = [hash32(`multiply ${i}`) | 1, hash32(`add ${i}`)];
  return [a, b];
})();

/** A text as MinHash sees it. */
export interface Signature {
  /** Hashes of its shingles, each once, ascending. */
  readonly shingles: Uint32Array;
  /** One number a band of its least hashes: texts that share much share one of them. */
  readonly bands: Uint32Array;
}

/** The signature of a normalised text; null where it has fewer words than a shingle. */
export function computeSignature(text: string): Signature | null {
  const words = text.split(' ');
  if (words.length < SHINGLE_WORDS) return null;
  const shingles = new Set<number>();
  for (let from = 0; from + SHINGLE_WORDS <= words.length; from++)
    shingles.add(hash32(words.slice(from, from + SHINGLE_WORDS).join(' ')) >>> 0);
  const least = new Uint32Array(HASHES).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let i = 0; i < HASHES; i++) {
      let hash =
        (Math.imul(shingle ^ (shingle >>> 15), MULTIPLY[i] as number) + (ADD[i] as number)) >>> 0;
      hash = (hash ^ (hash >>> 13)) >>> 0;
      if (hash < (least[i] as number)) least[i] = hash;
    }
  }
  return { shingles: Uint32Array.from(shingles).sort(), bands: computeBands(least) };
}

function computeBands(least: Uint32Array): Uint32Array {
  const bands = new Uint32Array(BANDS);
  for (let band = 0; band < BANDS; band++) {
    let key = band;
    for (let i = band * BAND_ROWS; i < (band + 1) * BAND_ROWS; i++)
      key = Math.imul(key ^ (least[i] as number), 0x9e3779b1) >>> 0;
    bands[band] = key;
  }
  return bands;
}

/** The share of shingles that two texts have in common (Jaccard). */
function similarity(a: Uint32Array, b: Uint32Array): number {
  let i = 0;
  let j = 0;
  let same = 0;
  while (i < a.length && j < b.length) {
    const x = a[i] as number;
    const y = b[j] as number;
    if (x === y) same++;
    if (x <= y) i++;
    if (y <= x) j++;
  }
  return same / (a.length + b.length - same);
}

/**
 * Signatures that are found by likeness. They are kept in a few long columns: a million of them
 * take some hundred megabytes, as objects they would take gigabytes.
 */
export class NearIndex {
  readonly #bands = Array.from({ length: BANDS }, () => new ChainedKeys());
  #shingles = new Uint32Array(1 << 10);
  /** Where the shingles of each text end. */
  #ends = new Uint32Array(1 << 8);
  #size = 0;

  /** Adds a text; its number is how many were added before. */
  add({ shingles, bands }: Signature): number {
    const number = this.#size++;
    const start = this.#startOf(number);
    const end = start + shingles.length;
    this.#ends = withRoom(this.#ends, number + 1);
    this.#shingles = withRoom(this.#shingles, end);
    this.#shingles.set(shingles, start);
    this.#ends[number] = end;
    this.#bands.forEach((band, i) => band.add(bands[i] as number));
    return number;
  }

  /** The signature of a text that was added. */
  at(number: number): Signature {
    const bands = Uint32Array.from(this.#bands, (band) => band.keyOf(number));
    return { shingles: this.#shinglesOf(number), bands };
  }

  /**
   * The number of a text that shares at least `least`, the likest one; undefined where there is
   * none. `passes` may refuse some.
   */
  find(
    { shingles, bands }: Signature,
    least: number,
    passes: (number: number) => boolean,
  ): number | undefined {
    const seen = new Set<number>();
    let best: number | undefined;
    let most = least;
    this.#bands.forEach((band, i) => {
      band.forEach(bands[i] as number, (number) => {
        if (seen.has(number)) return;
        seen.add(number);
        const shared = similarity(shingles, this.#shinglesOf(number));
        if (shared >= most && passes(number) && (best === undefined || shared > most))
          [best, most] = [number, shared];
      });
    });
    return best;
  }

  #startOf(number: number): number {
    return number === 0 ? 0 : (this.#ends[number - 1] as number);
  }

  #shinglesOf(number: number): Uint32Array {
    return this.#shingles.subarray(this.#startOf(number), this.#ends[number]);
  }
}

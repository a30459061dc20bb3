/**
 * The Ratcliff-Obershelp ratio of two texts, equal to the last bit to
 * `difflib.SequenceMatcher(None, a, b).ratio()` of Python 3, its
 * "autojunk" rule included: where `b` has 200 characters or more, characters that occur in it more
 * often than 1 + ⌊length / 100⌋ times
 * start no match (they only lengthen one). Ratcliff and Metzener, "Pattern Matching: The Gestalt
 * Approach", Dr. Dobb's Journal (1988).
 */

/** From this length of the second text on, frequent characters start no match. */
const POPULAR_FROM = 200;
/** Characters below this are looked up in an array, the others in a map. */
const TABLE = 256;

/**
 * Positions of the characters of a text that may start a match: places[start[k] … start[k + 1]],
 * ascending, for kind k.
 */
interface Index {
  readonly text: Uint32Array;
  /** Kind of a character, −1 for one that starts no match. */
  readonly getKind: (point: number) => number;
  readonly start: Int32Array;
  readonly positions: Int32Array;
}

/** Writes the code points of a text into `out` and returns how many there are. */
function codePoints(text: string, out: Uint32Array): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point >= 0xd800 && point < 0xdc00) {
      point = text.codePointAt(i) as number;
      if (point > 0xffff) i++;
    }
    out[length++] = point;
  }
  return length;
}

function buildIndex(text: Uint32Array): Index {
  const table = new Int32Array(TABLE);
  const others = new Map<number, number>();
  for (const point of text) {
    if (point < TABLE) table[point] = table[point]! + 1;
    else others.set(point, (others.get(point) ?? 0) + 1);
  }
  // Turn counts into kinds.
  const most = text.length >= POPULAR_FROM ? 1 + Math.floor(text.length / 100) : text.length;
  const start = [0];
  const kind = (count: number): number =>
    count === 0 || count > most ? -1 : start.push((start.at(-1) as number) + count) - 2;
  for (let point = 0; point < TABLE; point++) table[point] = kind(table[point]!);
  for (const [point, count] of others) others.set(point, kind(count));
  const getKind = (point: number): number =>
    point < TABLE ? table[point]! : (others.get(point) ?? -1);

  const starts = Int32Array.from(start);
  const positions = new Int32Array(starts.at(-1) as number);
  const next = starts.slice();
  for (let j = 0; j < text.length; j++) {
    const pointKind = getKind(text[j]!);
    if (pointKind < 0) continue;
    const position = next[pointKind]!;
    positions[position] = j;
    next[pointKind] = position + 1;
  }
  return { text, getKind, start: starts, positions };
}

/**
 * Memory that comparisons share, because allocating it takes longer than comparing. None reads
 * values that another one left in it.
 */
const scratch = {
  letters: new Uint32Array(0),
  starters: new Int32Array(0),
  kinds: new Int32Array(0),
  before: new Int32Array(0),
  lengths: new Int32Array(0),
  marks: new Float64Array(0),
  /** Larger than any mark. */
  base: 2,
};

function reserve(first: number, second: number): void {
  if (scratch.letters.length < first) {
    scratch.letters = new Uint32Array(2 * first);
    scratch.starters = new Int32Array(2 * first);
    scratch.kinds = new Int32Array(2 * first);
    scratch.before = new Int32Array(2 * first + 1);
  }
  if (scratch.lengths.length <= second) {
    scratch.lengths = new Int32Array(2 * second + 1);
    scratch.marks = new Float64Array(2 * second + 1);
  }
}

/**
 * Number of characters in the matching blocks: the longest one, then the same to its left and to
 * its right, and so on. `length`: of the text in `scratch.letters`.
 */
function matchingCharacters(length: number, { text: b, getKind, start, positions }: Index): number {
  // `starters`: the positions in `a` where a match may start; `kinds`: their kinds; `before`: how
  // many of them precede each position. `lengths` at j + 1: of the match that ends at (i, j);
  // `marks` at j + 1: the row i of the current block in which it was written.
  const { letters: a, starters, kinds, before, lengths, marks } = scratch;
  let count = 0;
  for (let i = 0; i < length; i++) {
    before[i] = count;
    const pointKind = getKind(a[i]!);
    if (pointKind < 0) continue;
    starters[count] = i;
    kinds[count++] = pointKind;
  }
  before[length] = count;

  const waiting = [0, length, 0, b.length];
  let { base } = scratch;
  let matched = 0;
  while (waiting.length > 0) {
    const bEnd = waiting.pop() as number;
    const bStart = waiting.pop() as number;
    const aEnd = waiting.pop() as number;
    const aStart = waiting.pop() as number;
    let size = 0;
    let foundA = aStart;
    let foundB = bStart;
    const end = before[aEnd]!;
    for (let starter = before[aStart]!; starter < end; starter++) {
      const i = starters[starter]!;
      const pointKind = kinds[starter]!;
      const first = start[pointKind]!;
      const mark = base + i - aStart;
      // From right to left, so that the values of row i − 1 to the left of j are still there.
      for (let candidate = start[pointKind + 1]! - 1; candidate >= first; candidate--) {
        const j = positions[candidate]!;
        if (j >= bEnd) continue;
        if (j < bStart) break;
        const run = marks[j] === mark - 1 ? lengths[j]! + 1 : 1;
        lengths[j + 1] = run;
        marks[j + 1] = mark;
        // Among equally long matches the first in `a` counts, and within a row the first in `b`.
        if (run > size || (run === size && foundA === i - run + 1)) {
          size = run;
          foundA = i - run + 1;
          foundB = j - run + 1;
        }
      }
    }
    base += aEnd - aStart + 1;
    while (foundA > aStart && foundB > bStart && a[foundA - 1] === b[foundB - 1]) {
      foundA--;
      foundB--;
      size++;
    }
    while (foundA + size < aEnd && foundB + size < bEnd && a[foundA + size] === b[foundB + size])
      size++;
    if (size === 0) continue;
    matched += size;
    if (aStart < foundA && bStart < foundB) waiting.push(aStart, foundA, bStart, foundB);
    if (foundA + size < aEnd && foundB + size < bEnd)
      waiting.push(foundA + size, aEnd, foundB + size, bEnd);
  }
  scratch.base = base;
  return matched;
}

/**
 * Compares texts to `second`, which is indexed once. The ratio is 2 · (matching characters) /
 * (characters of both texts), within [0, 1]; 1 for two empty texts.
 */
export function buildMatcher(second: string): (first: string) => number {
  const points = new Uint32Array(second.length);
  const length = codePoints(second, points);
  const index = buildIndex(length === points.length ? points : points.subarray(0, length));
  return (first) => {
    reserve(first.length, index.text.length);
    const firstPoints = codePoints(first, scratch.letters);
    const total = firstPoints + index.text.length;
    return total === 0 ? 1 : (2 * matchingCharacters(firstPoints, index)) / total;
  };
}

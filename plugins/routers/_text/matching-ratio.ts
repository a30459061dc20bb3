/**
 * The Ratcliff-Obershelp ratio of two texts, equal to the last bit to `difflib.SequenceMatcher(None, a, b).ratio()` of Python 3, its
 * "autojunk" rule included: where `b` has 200 characters or more, characters that occur in it more often than 1 + ⌊length / 100⌋ times
 * start no match (they only lengthen one). Ratcliff and Metzener, "Pattern Matching: The Gestalt Approach", Dr. Dobb's Journal (1988).
 */

/** From this length of the second text on, frequent characters start no match. */
const POPULAR_FROM = 200;
/** Characters below this are looked up in a table, the others in a map. */
const TABLE = 256;

/** Where the characters of a text occur that may start a match: places[start[k] … start[k + 1]], ascending, for kind k. */
interface Index {
  readonly text: Uint32Array;
  /** Kind of a character, −1 for one that starts nothing. */
  readonly kindOf: (point: number) => number;
  readonly start: Int32Array;
  readonly places: Int32Array;
}

function codePoints(text: string): Uint32Array {
  const out = new Uint32Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point >= 0xd800 && point < 0xdc00) {
      point = text.codePointAt(i) as number;
      if (point > 0xffff) i++;
    }
    out[length++] = point;
  }
  return out.subarray(0, length);
}

function indexOf(text: Uint32Array): Index {
  const table = new Int32Array(TABLE);
  const others = new Map<number, number>();
  for (const point of text) {
    if (point < TABLE) table[point] = (table[point] as number) + 1;
    else others.set(point, (others.get(point) ?? 0) + 1);
  }
  // Counts become kinds.
  const most = text.length >= POPULAR_FROM ? 1 + Math.floor(text.length / 100) : text.length;
  const start = [0];
  const kind = (count: number): number => (count === 0 || count > most ? -1 : start.push((start.at(-1) as number) + count) - 2);
  for (let point = 0; point < TABLE; point++) table[point] = kind(table[point] as number);
  for (const [point, count] of others) others.set(point, kind(count));
  const kindOf = (point: number): number => (point < TABLE ? (table[point] as number) : (others.get(point) ?? -1));

  const starts = Int32Array.from(start);
  const places = new Int32Array(starts.at(-1) as number);
  const next = starts.slice();
  for (let j = 0; j < text.length; j++) {
    const own = kindOf(text[j] as number);
    if (own < 0) continue;
    const at = next[own] as number;
    places[at] = j;
    next[own] = at + 1;
  }
  return { text, kindOf, start: starts, places };
}

/** Number of characters in the matching blocks: the longest one, then the same to its left and to its right, and so on. */
function matchingCharacters(a: Uint32Array, { text: b, kindOf, start, places }: Index): number {
  // The places of `a` where a match may start, their kinds, and how many of them lie before each place.
  const starters = new Int32Array(a.length);
  const kinds = new Int32Array(a.length);
  const before = new Int32Array(a.length + 1);
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    before[i] = count;
    const own = kindOf(a[i] as number);
    if (own < 0) continue;
    starters[count] = i;
    kinds[count++] = own;
  }
  before[a.length] = count;

  // At j + 1: the length of the match that ends at (i, j), and the mark of the row i of the block in hand that it was written in.
  const lengths = new Int32Array(b.length + 1);
  const marks = new Float64Array(b.length + 1);
  const waiting = [0, a.length, 0, b.length];
  let base = 2;
  let matched = 0;
  while (waiting.length > 0) {
    const bEnd = waiting.pop() as number;
    const bStart = waiting.pop() as number;
    const aEnd = waiting.pop() as number;
    const aStart = waiting.pop() as number;
    let size = 0;
    let foundA = aStart;
    let foundB = bStart;
    const end = before[aEnd] as number;
    for (let starter = before[aStart] as number; starter < end; starter++) {
      const i = starters[starter] as number;
      const own = kinds[starter] as number;
      const first = start[own] as number;
      const mark = base + i - aStart;
      // From right to left, so that what row i − 1 left to the left of j is still there.
      for (let place = (start[own + 1] as number) - 1; place >= first; place--) {
        const j = places[place] as number;
        if (j >= bEnd) continue;
        if (j < bStart) break;
        const length = marks[j] === mark - 1 ? (lengths[j] as number) + 1 : 1;
        lengths[j + 1] = length;
        marks[j + 1] = mark;
        // Of equally long matches the first in `a` counts, and of those in one row the first in `b`.
        if (length > size || (length === size && foundA === i - length + 1)) {
          size = length;
          foundA = i - length + 1;
          foundB = j - length + 1;
        }
      }
    }
    base += aEnd - aStart + 1;
    while (foundA > aStart && foundB > bStart && a[foundA - 1] === b[foundB - 1]) {
      foundA--;
      foundB--;
      size++;
    }
    while (foundA + size < aEnd && foundB + size < bEnd && a[foundA + size] === b[foundB + size]) size++;
    if (size === 0) continue;
    matched += size;
    if (aStart < foundA && bStart < foundB) waiting.push(aStart, foundA, bStart, foundB);
    if (foundA + size < aEnd && foundB + size < bEnd) waiting.push(foundA + size, aEnd, foundB + size, bEnd);
  }
  return matched;
}

/** Compares texts to `second`, which is indexed once. The ratio is 2 · (matching characters) / (characters of both), within [0, 1]; 1 for two empty texts. */
export function matcherOf(second: string): (first: string) => number {
  const index = indexOf(codePoints(second));
  return (first) => {
    const a = codePoints(first);
    const total = a.length + index.text.length;
    return total === 0 ? 1 : (2 * matchingCharacters(a, index)) / total;
  };
}

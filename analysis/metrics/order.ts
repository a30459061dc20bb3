/** Sorts rows by confidence. */

const SMALL = 2048;
const BITS = 11;
const BUCKETS = 1 << BITS;
const RUN = 24;

/**
 * The upper half of each double as an unsigned number with the same order; 0 is reserved for NaN.
 * Doubles that share an upper half are sorted afterwards.
 */
function upperHalves(values: Float64Array): Uint32Array {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const keys = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value !== value) continue;
    const high = value === 0 ? 0 : (halves[2 * i + 1] as number); // 0 and -0 are equal
    keys[i] = high >>> 31 === 1 ? ~high : high | 0x80000000;
  }
  return keys;
}

/**
 * Sorts order[from … to) by the full values, ascending: insertion sort for short runs, the built-in
 * sort for long runs.
 */
function sortRun(order: Uint32Array, values: Float64Array, from: number, to: number): void {
  if (to - from > RUN) {
    order.subarray(from, to).sort((a, b) => compare(values, a, b));
    return;
  }
  for (let next = from + 1; next < to; next++) {
    const row = order[next] as number;
    const value = values[row] as number;
    let target = next;
    while (target > from && (values[order[target - 1] as number] as number) > value) {
      order[target] = order[target - 1] as number;
      target--;
    }
    order[target] = row;
  }
}

/** NaN first, then by value, then by index. */
function compare(values: Float64Array, a: number, b: number): number {
  const [x, y] = [values[a] as number, values[b] as number];
  if (x < y) return -1;
  if (x > y) return 1;
  return Number(y !== y) - Number(x !== x) || a - b;
}

/**
 * Indices in ascending order of the values, NaN first; equal values keep the order of their
 * indices. Radix sort, linear in time.
 */
export function ascending(values: Float64Array): Uint32Array {
  const n = values.length;
  if (n <= SMALL)
    return Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => compare(values, a, b));

  let keys: Uint32Array<ArrayBufferLike> = upperHalves(values);
  const counts = [
    new Uint32Array(BUCKETS),
    new Uint32Array(BUCKETS),
    new Uint32Array(BUCKETS),
  ] as const;
  const [low, middle, high] = counts;
  for (let i = 0; i < n; i++) {
    const key = keys[i] as number;
    (low[key & (BUCKETS - 1)] as number)++;
    (middle[(key >>> BITS) & (BUCKETS - 1)] as number)++;
    (high[key >>> (2 * BITS)] as number)++;
  }
  let order: Uint32Array<ArrayBufferLike> = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = i;
  let otherKeys: Uint32Array<ArrayBufferLike> = new Uint32Array(n);
  let otherOrder: Uint32Array<ArrayBufferLike> = new Uint32Array(n);
  counts.forEach((count, pass) => {
    let sum = 0;
    for (let digit = 0; digit < BUCKETS; digit++) {
      const digitCount = count[digit] as number;
      count[digit] = sum;
      sum += digitCount;
    }
    const shift = pass * BITS;
    for (let i = 0; i < n; i++) {
      const key = keys[i] as number;
      const digit = (key >>> shift) & (BUCKETS - 1);
      const target = count[digit] as number;
      count[digit] = target + 1;
      otherKeys[target] = key;
      otherOrder[target] = order[i] as number;
    }
    [keys, otherKeys] = [otherKeys, keys];
    [order, otherOrder] = [otherOrder, order];
  });
  for (let from = 0; from < n;) {
    const key = keys[from] as number;
    let to = from + 1;
    while (to < n && keys[to] === key) to++;
    if (to - from > 1 && key !== 0) sortRun(order, values, from, to);
    from = to;
  }
  return order;
}

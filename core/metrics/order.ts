/** Sorting rows by confidence, once, in linear time. */

const SMALL = 4096;
const DIGIT = 0x10000;

/** A double as two 32-bit halves whose unsigned order is the order of the doubles. */
const sortable = (values: Float64Array): { readonly high: Uint32Array; readonly low: Uint32Array } => {
  const halves = new Uint32Array(values.buffer.slice(values.byteOffset, values.byteOffset + values.byteLength));
  const high = new Uint32Array(values.length);
  const low = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    // -0 and 0 are one number: their bits must not differ
    const [l, h] = values[i] === 0 ? [0, 0] : [halves[2 * i] as number, halves[2 * i + 1] as number];
    const negative = h >>> 31 === 1;
    high[i] = negative ? ~h : h | 0x80000000;
    low[i] = negative ? ~l : l;
  }
  return { high, low };
};

/** Indices in ascending order of the values, NaN first; equal values keep the order of their indices. */
export function ascending(values: Float64Array): Uint32Array {
  const n = values.length;
  if (n <= SMALL) {
    const key = (i: number): number => (Number.isNaN(values[i]) ? -Infinity : (values[i] as number));
    const nan = (i: number): number => (Number.isNaN(values[i]) ? 0 : 1);
    return Uint32Array.from({ length: n }, (_, i) => i).sort((a, b) => nan(a) - nan(b) || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
  }
  const { high, low } = sortable(values);
  for (let i = 0; i < n; i++) if (Number.isNaN(values[i])) high[i] = low[i] = 0;
  let order = Uint32Array.from({ length: n }, (_, i) => i);
  let other = new Uint32Array(n);
  const counts = new Uint32Array(DIGIT);
  for (const [half, shift] of [[low, 0], [low, 16], [high, 0], [high, 16]] as const) {
    counts.fill(0);
    for (let i = 0; i < n; i++) counts[((half[i] as number) >>> shift) & 0xffff]!++; // eslint-disable-line @typescript-eslint/no-non-null-assertion -- the index is in range and this loop is hot
    if (counts[((half[0] as number) >>> shift) & 0xffff] === n) continue;
    let sum = 0;
    for (let d = 0; d < DIGIT; d++) {
      const count = counts[d] as number;
      counts[d] = sum;
      sum += count;
    }
    for (let at = 0; at < n; at++) {
      const i = order[at] as number;
      const digit = ((half[i] as number) >>> shift) & 0xffff;
      const place = counts[digit] as number;
      other[place] = i;
      counts[digit] = place + 1;
    }
    [order, other] = [other, order];
  }
  return order;
}

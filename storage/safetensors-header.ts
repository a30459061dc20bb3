/** The header of a safetensors file, checked: the file may come from anywhere. */

/** A tensor: its type, its shape, and where its bytes begin and end behind the header. */
export interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** What a header says. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, HeaderEntry>;
}

/** As in the reference implementation. */
export const MOST_HEADER_BYTES = 100_000_000;
const MOST_TENSORS = 100_000;
const MOST_AXES = 16;

/** Bytes per number; other types may use less than one, and are not checked. */
const BYTES: Readonly<Record<string, number>> = {
  ...{ BOOL: 1, U8: 1, I8: 1, F8_E4M3: 1, F8_E5M2: 1, I16: 2, U16: 2, F16: 2, BF16: 2 },
  ...{ I32: 4, U32: 4, F32: 4, I64: 8, U64: 8, F64: 8 },
};

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const areSizes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** A tensor of a header, or what is wrong with it. */
function parseEntry(name: string, value: unknown): HeaderEntry | string {
  const where = `of tensor "${name.slice(0, 100)}"`;
  if (!isObject(value)) return `the entry ${where} is not an object`;
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || dtype === '' || dtype.length > 20)
    return `the type ${where} is not a name`;
  if (!areSizes(shape) || shape.length > MOST_AXES)
    return `the shape ${where} is not a list of sizes`;
  if (!areSizes(offsets) || offsets.length !== 2) return `the offsets ${where} are not two numbers`;
  const [begin = 0, end = 0] = offsets;
  const width = Object.hasOwn(BYTES, dtype) ? BYTES[dtype] : undefined;
  const bytes = shape.reduce((size, axis) => size * axis, width ?? 0);
  if (width !== undefined && end - begin !== bytes)
    return `${end - begin} bytes ${where} are not ${dtype} numbers of shape [${shape.join(', ')}]`;
  return { dtype, shape, data_offsets: [begin, end] };
}

/** Why tensors do not fill the bytes behind the header one after the other, if they do not. */
function findGap(entries: ReadonlyMap<string, HeaderEntry>, bytes: number): string | undefined {
  const ordered = [...entries].sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  let end = 0;
  for (const [name, { data_offsets: offsets }] of ordered) {
    if (offsets[0] !== end || offsets[1] < end)
      return `tensor "${name.slice(0, 100)}" begins at byte ${offsets[0]} instead of ${end}`;
    end = offsets[1];
  }
  return end === bytes ? undefined : `it has ${bytes} bytes of numbers instead of ${end}`;
}

/** Parses a header that is followed by so many bytes; a text says what is wrong with it. */
export function parseHeader(text: string, bytes: number): SafetensorsHeader | string {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return 'its header is not JSON';
  }
  if (!isObject(header)) return 'its header is not an object';
  const { __metadata__: metadata = {}, ...rest } = header;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
    return 'its metadata are not texts';
  const names = Object.keys(rest);
  if (names.length > MOST_TENSORS) return `it has more than ${MOST_TENSORS} tensors`;
  const entries = new Map<string, HeaderEntry>();
  for (const name of names) {
    const entry = parseEntry(name, rest[name]);
    if (typeof entry === 'string') return entry;
    entries.set(name, entry);
  }
  return findGap(entries, bytes) ?? { metadata: metadata as Record<string, string>, entries };
}

/** The header of a safetensors file, checked as a whole before anything is read by it. */
import { z } from 'zod';
import { isObject } from '../core/util/json.js';
import { shapeSize } from '../core/util/shape-size.js';

/** The longest header that is read: as long as the reference implementation allows. */
export const MOST_HEADER_BYTES = 100_000_000;

const MOST_TENSORS = 100_000;
const MOST_AXES = 16;

/** Bits of one number, by type. */
const BITS = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U16: 16,
  I16: 16,
  F16: 16,
  BF16: 16,
  U32: 32,
  I32: 32,
  F32: 32,
  U64: 64,
  I64: 64,
  F64: 64,
  C64: 64,
} as const;

const Whole = z.int().min(0);
const Entry = z.strictObject({
  dtype: z.enum(Object.keys(BITS) as [keyof typeof BITS, ...(keyof typeof BITS)[]]),
  shape: z.array(Whole).max(MOST_AXES).readonly(),
  data_offsets: z.tuple([Whole, Whole]).readonly(),
});
const Metadata = z.record(z.string(), z.string());

/** Type, shape and position of a tensor. */
export type HeaderEntry = Readonly<z.output<typeof Entry>>;

/** A checked header. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, HeaderEntry>;
  /** Bytes of all tensors together. */
  readonly dataBytes: number;
}

const issueText = ({ issues: [issue] }: z.ZodError): string =>
  `${(issue?.path ?? []).map((part) => `${String(part)}: `).join('')}${issue?.message ?? 'it has another form'}`;

function parseEntry(name: string, value: unknown): HeaderEntry {
  const entry = Entry.safeParse(value);
  if (!entry.success)
    throw new Error(`its header does not describe "${name}": ${issueText(entry.error)}`);
  const { dtype, shape, data_offsets: offsets } = entry.data;
  const bytes = (shapeSize(shape) * BITS[dtype]) / 8;
  if (!Number.isSafeInteger(bytes) || offsets[1] - offsets[0] !== bytes)
    throw new Error(
      `"${name}" has ${offsets[1] - offsets[0]} bytes instead of ${bytes} for ${dtype} [${shape.join(', ')}]`,
    );
  return entry.data;
}

/**
 * Checks a header: known types, whole sizes, and tensors that cover the data without a gap and
 * without sharing a byte.
 * @throws Error that says what is wrong
 */
export function parseHeader(text: string): SafetensorsHeader {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new Error('its header is not JSON', { cause });
  }
  if (!isObject(header)) throw new Error('its header is not a JSON object');
  const { __metadata__: given = {}, ...tensors } = header;
  const metadata = Metadata.safeParse(given);
  if (!metadata.success)
    throw new Error(`its metadata are not texts: ${issueText(metadata.error)}`);
  if (Object.keys(tensors).length > MOST_TENSORS)
    throw new Error(`it has more than ${MOST_TENSORS} tensors`);
  const entries = new Map<string, HeaderEntry>();
  for (const [name, value] of Object.entries(tensors)) entries.set(name, parseEntry(name, value));
  let end = 0;
  const ordered = [...entries].sort(
    ([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1],
  );
  for (const [name, { data_offsets: offsets }] of ordered) {
    if (offsets[0] !== end)
      throw new Error(`"${name}" starts at byte ${offsets[0]} of the data instead of ${end}`);
    end = offsets[1];
  }
  return { metadata: metadata.data, entries, dataBytes: end };
}

/**
 * Rows of texts and signals as a header and bytes, and back. Nothing else of a row is sent: no id,
 * no dataset, no order.
 */
import type { RouterInput } from '../core/contracts.js';
import type { SignalRequest } from '../core/signals/requests.js';
import { getSignal } from '../core/signals/table.js';
import { shapeSize } from '../core/util/shape-size.js';

/**
 * How one signal of a block is encoded: numbers of all rows, contiguous from byte `at`, or values
 * as JSON.
 */
type SignalLayout =
  | {
      readonly key: string;
      readonly kind: string;
      readonly shape: readonly number[];
      readonly at: number;
    }
  | { readonly key: string; readonly kind: string; readonly values: readonly unknown[] };

/** The header of a block of rows. */
export interface BlockHeader {
  readonly texts: readonly string[];
  readonly signals: readonly SignalLayout[];
  readonly labels?: readonly (0 | 1)[];
}

/** A block that is ready to send: the bytes of `parts`, concatenated. */
export interface PackedBlock {
  readonly header: object;
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

/**
 * Encodes rows without copying their numbers; all rows of a signal have the same shape. `more` is
 * added to the header.
 */
export function packBlock(
  needs: readonly SignalRequest[],
  rows: readonly (RouterInput<object> & { readonly label?: 0 | 1 })[],
  more: object,
): PackedBlock {
  const signals: SignalLayout[] = [];
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (const { key, kind } of needs) {
    const values = rows.map((row) => (row.signals as Readonly<Record<string, unknown>>)[key]);
    const codec = getSignal({ kind }).numbers;
    const numbers = codec === undefined ? [] : values.map((value) => codec.split(value as never));
    const [first] = numbers;
    if (first === undefined) {
      signals.push({ key, kind, values });
      continue;
    }
    signals.push({ key, kind, shape: first.shape, at: bytes });
    for (const { values: own } of numbers) {
      parts.push(new Uint8Array(own.buffer, own.byteOffset, own.byteLength));
      bytes += own.byteLength;
    }
  }
  const labels = rows.flatMap(({ label }) => (label === undefined ? [] : [label]));
  const header: BlockHeader = {
    texts: rows.map(({ query }) => query.text),
    signals,
    ...(labels.length === 0 ? {} : { labels }),
  };
  return { header: { ...more, ...header }, parts, bytes };
}

/**
 * Decodes rows; numbers are views of the payload, which nobody else may use. Signals inherit from
 * `prototype`.
 */
export function unpackBlock(
  { texts, signals, labels }: BlockHeader,
  payload: Uint8Array,
  prototype: object = Object.prototype,
): readonly (RouterInput<object> & { readonly label: 0 | 1 })[] {
  return texts.map((text, row) => {
    const values: Record<string, unknown> = {};
    for (const layout of signals) {
      if ('values' in layout) values[layout.key] = layout.values[row];
      else {
        const width = shapeSize(layout.shape);
        const numbers = new Float32Array(
          payload.buffer as ArrayBuffer,
          payload.byteOffset + layout.at + 4 * width * row,
          width,
        );
        values[layout.key] = getSignal(layout).numbers?.join({
          shape: layout.shape,
          values: numbers,
        });
      }
    }
    return {
      query: { text },
      signals: Object.setPrototypeOf(values, prototype) as object,
      ...(labels === undefined ? {} : { label: labels[row] as 0 | 1 }),
    } as RouterInput<object> & { readonly label: 0 | 1 };
  });
}

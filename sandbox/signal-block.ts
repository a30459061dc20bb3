/**
 * Rows of texts and signals as a header and bytes, and back. Nothing else of a row is sent: no id,
 * no dataset, no order.
 */
import type { RouterInput } from '../core/contracts.js';
import type { SignalKind, SignalRequest } from '../core/signals/requests.js';
import { shapeSize } from '../core/util/shape-size.js';

/**
 * How one signal of a block is encoded: numbers of all rows, contiguous from byte `at`, or values
 * as JSON.
 */
export type SignalLayout =
  | {
      readonly key: string;
      readonly kind: SignalKind;
      readonly shape: readonly number[];
      readonly at: number;
    }
  | { readonly key: string; readonly kind: SignalKind; readonly values: readonly unknown[] };

/** The header of a block of rows. */
export interface BlockHeader {
  readonly texts: readonly string[];
  readonly signals: readonly SignalLayout[];
  readonly labels?: readonly (0 | 1)[];
}

interface Measured {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The numbers of a signal's value and their shape; null for texts. */
function measured(kind: SignalKind, value: unknown): Measured | null {
  if (value instanceof Float32Array) return { shape: [value.length], values: value };
  if (kind === 'hidden-states') {
    const { layers, dim, values } = value as {
      readonly layers: number;
      readonly dim: number;
      readonly values: Float32Array;
    };
    return { shape: [layers, dim], values };
  }
  if (kind === 'entailment') {
    const { n, values } = value as { readonly n: number; readonly values: Float32Array };
    return { shape: [n, n], values };
  }
  if (kind === 'sample-embeddings') {
    const { n, dim, values } = value as {
      readonly n: number;
      readonly dim: number;
      readonly values: Float32Array;
    };
    return { shape: [n, dim], values };
  }
  return null;
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
    const all = values.map((value) => measured(kind, value));
    const [first] = all;
    if (first === null || first === undefined) {
      signals.push({ key, kind, values });
      continue;
    }
    signals.push({ key, kind, shape: first.shape, at: bytes });
    for (const one of all as readonly Measured[]) {
      parts.push(new Uint8Array(one.values.buffer, one.values.byteOffset, one.values.byteLength));
      bytes += one.values.byteLength;
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

const shaped = (kind: SignalKind, shape: readonly number[], values: Float32Array): unknown => {
  if (kind === 'hidden-states') return { layers: shape[0], dim: shape[1], values };
  if (kind === 'sample-embeddings') return { n: shape[0], dim: shape[1], values };
  return kind === 'entailment' ? { n: shape[0], values } : values;
};

/** Decodes rows; numbers are views of the payload, which nobody else may use. */
export function unpackBlock(
  { texts, signals, labels }: BlockHeader,
  payload: Uint8Array,
): readonly (RouterInput<object> & { readonly label: 0 | 1 })[] {
  return texts.map((text, row) => {
    const values: Record<string, unknown> = {};
    for (const layout of signals) {
      if ('values' in layout) values[layout.key] = layout.values[row];
      else {
        const width = shapeSize(layout.shape);
        values[layout.key] = shaped(
          layout.kind,
          layout.shape,
          new Float32Array(
            payload.buffer as ArrayBuffer,
            payload.byteOffset + layout.at + 4 * width * row,
            width,
          ),
        );
      }
    }
    return {
      query: { text },
      signals: values,
      ...(labels === undefined ? {} : { label: labels[row] as 0 | 1 }),
    } as RouterInput<object> & { readonly label: 0 | 1 };
  });
}

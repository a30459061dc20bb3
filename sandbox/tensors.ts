/**
 * Weights as a header and bytes, and back: for fitted weights, restored weights, and checkpoints.
 */
import type { Tensor, Weights } from '../core/contracts.js';
import type { JsonObject } from '../core/util/json.js';
import { shapeSize } from '../core/util/shape-size.js';

/** The header of weights: the position of each tensor in the bytes. */
export interface WeightsHeader {
  readonly meta: JsonObject;
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly at: number;
  }[];
}

/**
 * Encodes weights.
 * @throws Error if a tensor is not float32, or does not have its shape
 */
export function packWeights({ tensors, meta }: Weights): {
  readonly header: WeightsHeader;
  readonly payload: Uint8Array;
} {
  const list: { name: string; shape: readonly number[]; at: number }[] = [];
  let bytes = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (!(data instanceof Float32Array)) throw new Error(`tensor "${name}" is not a Float32Array`);
    if (shapeSize(shape) !== data.length)
      throw new Error(
        `tensor "${name}" has ${data.length} numbers for shape [${shape.join(', ')}]`,
      );
    list.push({ name, shape, at: bytes });
    bytes += data.byteLength;
  }
  const payload = Buffer.allocUnsafeSlow(bytes);
  list.forEach(({ name, at }) => {
    const { data } = tensors[name] as Tensor;
    payload.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  });
  return { header: { meta, tensors: list }, payload };
}

/**
 * Decodes weights; the tensors are views of the payload.
 * @throws Error if a tensor is outside of it, or overlaps another, or two have one name
 */
export function unpackWeights({ tensors, meta }: WeightsHeader, payload: Uint8Array): Weights {
  const out: Record<string, Tensor> = {};
  for (const { name, shape, at } of tensors) {
    const length = shapeSize(shape);
    if (at % 4 !== 0 || at + 4 * length > payload.byteLength)
      throw new Error(`tensor "${name}" is outside the ${payload.byteLength} bytes of its message`);
    if (Object.hasOwn(out, name)) throw new Error(`two tensors have the name "${name}"`);
    out[name] = {
      shape,
      data: new Float32Array(payload.buffer as ArrayBuffer, payload.byteOffset + at, length),
    };
  }
  refuseOverlap(out);
  return { tensors: out, meta };
}

/** @throws Error if two tensors share bytes: they would be stored twice */
function refuseOverlap(tensors: Readonly<Record<string, Tensor>>): void {
  const ordered = Object.entries(tensors)
    .map(([name, { data }]) => ({ name, from: data.byteOffset, bytes: data.byteLength }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => a.from - b.from);
  let end = 0;
  for (const { name, from, bytes } of ordered) {
    if (from < end) throw new Error(`tensor "${name}" overlaps another`);
    end = from + bytes;
  }
}

import type { Tensor } from 'onnxruntime-node';
import { float16ToFloat32 } from 'routerxbench/safetensors';

/** Values of a float tensor in single precision; float32 is not copied. */
export function floats(tensor: Tensor): Float32Array {
  const { data } = tensor;
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return float16ToFloat32(data);
  throw new TypeError(`an output is ${tensor.type}, not float32 or float16`);
}

/**
 * The logits of each row's last position, as views (copies for half precision): rows are padded on
 * the left, so the last position is the last token of every row.
 */
export function lastLogits(tensor: Tensor): readonly Float32Array[] {
  const [rows = 0, width = 0, vocabulary = 0] = tensor.dims;
  const { data } = tensor;
  return Array.from({ length: rows }, (_, row) => {
    const start = (row * width + width - 1) * vocabulary;
    const end = start + vocabulary;
    // Half precision is converted only for the last position: the logits of a long prompt are
    // large.
    return data instanceof Uint16Array
      ? float16ToFloat32(data.subarray(start, end))
      : floats(tensor).subarray(start, end);
  });
}

/** A head of fully connected layers with an activation between them: input → hidden … → 1. */
import type { Random, Tensor, Weights } from '../../../core/index.js';
import { HarnessError } from '../../../core/index.js';
import { gelu, type Activation } from './activation.js';

/** Weight [out, in] and bias [out] of one layer. */
export interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/**
 * Initial layers of the widths `[input, …hidden, 1]`, uniform in ±1/√input (PyTorch's default for
 * linear layers).
 */
export function newLayers(widths: readonly number[], random: Random): readonly Layer[] {
  return widths.slice(1).map((out, i) => {
    const input = widths[i]!;
    const bound = 1 / Math.sqrt(input);
    const uniform = (count: number): Float32Array =>
      Float32Array.from({ length: count }, () => (2 * random.float() - 1) * bound);
    return {
      weight: { shape: [out, input], data: uniform(out * input) },
      bias: { shape: [out], data: uniform(out) },
    };
  });
}

/**
 * Initial layers as Hugging Face draws those of a classifier: weights from a normal distribution
 * with standard deviation 0.02, biases 0.
 */
export function newClassifierLayers(widths: readonly number[], random: Random): readonly Layer[] {
  return widths.slice(1).map((out, i) => {
    const input = widths[i]!;
    return {
      weight: {
        shape: [out, input],
        data: Float32Array.from({ length: out * input }, () => 0.02 * random.normal()),
      },
      bias: { shape: [out], data: new Float32Array(out) },
    };
  });
}

/** The output for one row of features; sums are in double precision. */
export function forward(
  layers: readonly Layer[],
  features: ArrayLike<number>,
  activation: Activation = 'relu',
): number {
  const active = activation === 'gelu' ? gelu : (z: number): number => Math.max(0, z);
  let x: ArrayLike<number> = features;
  layers.forEach(({ weight, bias }, depth) => {
    const [out, input] = weight.shape as [number, number];
    const y = new Float64Array(out);
    for (let o = 0; o < out; o++) {
      let sum = bias.data[o]!;
      for (let i = 0; i < input; i++) sum += weight.data[o * input + i]! * x[i]!;
      y[o] = depth < layers.length - 1 ? active(sum) : sum;
    }
    x = y;
  });
  return x[0]!;
}

/**
 * Layers from named tensors.
 * @throws HarnessError RXB6006 if one is missing or misshapen.
 */
export function layersFrom({ tensors }: Weights, router: string): readonly Layer[] {
  const layers: Layer[] = [];
  for (let i = 0; `layer${i}.weight` in tensors; i++) {
    const [weight, bias] = [tensors[`layer${i}.weight`] as Tensor, tensors[`layer${i}.bias`]];
    const before = layers.at(-1)?.weight.shape[0];
    if (
      bias === undefined ||
      weight.shape.length !== 2 ||
      bias.data.length !== weight.shape[0] ||
      (before !== undefined && weight.shape[1] !== before)
    ) {
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router,
        problem: `layer ${i} has the wrong shape`,
      });
    }
    layers.push({ weight, bias });
  }
  if (layers.length === 0 || layers.at(-1)?.weight.shape[0] !== 1)
    throw new HarnessError('weightsMismatch', {
      folder: 'the weights',
      router,
      problem: 'there is no output layer',
    });
  return layers;
}

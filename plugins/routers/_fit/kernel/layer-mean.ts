import type { HiddenStates } from '../../../../core/index.js';
import { MAXIMUM_PAGES } from './functions.js';
import { Kernel, paddedWidth } from './kernel.js';
import { WebAssembly } from './web-assembly.js';

/** A kernel with memory for the states of one query; created again for another shape. */
interface Scratch {
  readonly kernel: Kernel;
  readonly layers: number;
  readonly dim: number;
  readonly states: Float32Array;
  readonly mean: Float32Array;
  readonly addresses: { readonly states: number; readonly mean: number; readonly shares: number };
}

let scratch: Scratch | undefined;

function getScratch(layers: number, dim: number): Scratch {
  if (scratch?.layers === layers && scratch.dim === dim) return scratch;
  const kernel = new Kernel(
    new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, shared: true }),
    0,
  );
  const width = paddedWidth(dim);
  const addresses = {
    states: kernel.allocate(layers * width),
    mean: kernel.allocate(width),
    shares: kernel.allocate(layers),
  };
  kernel.floats(addresses.shares, layers).fill(1 / layers);
  scratch = {
    kernel,
    layers,
    dim,
    states: kernel.floats(addresses.states, layers * width),
    mean: kernel.floats(addresses.mean, width),
    addresses,
  };
  return scratch;
}

/**
 * Mean over layers: Float32Array[dim]. Reading takes most of the time of fitting a mean probe, so
 * the sums use SIMD too.
 */
export function computeLayerMean({ layers, dim, values }: HiddenStates): Float32Array {
  const { kernel, states, mean, addresses } = getScratch(layers, dim);
  const width = paddedWidth(dim);
  for (let l = 0; l < layers; l++) states.set(values.subarray(l * dim, (l + 1) * dim), l * width);
  mean.fill(0);
  kernel.addRows(
    addresses.shares,
    { address: addresses.states, stride: width },
    layers,
    addresses.mean,
    width,
  );
  return mean.slice(0, dim);
}

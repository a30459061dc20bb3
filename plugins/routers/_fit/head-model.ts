import type { Weights } from '../../../core/index.js';
import type { Kernel } from './kernel/kernel.js';
import { Parameters } from './kernel/parameters.js';
import type { Layer } from './layers.js';
import type { Trainable } from './trainable.js';

/** A trainable head. */
export interface HeadModel extends Trainable {
  /** The layers in the form that `layersFrom` reads. */
  readonly tensors: () => Weights['tensors'];
}

/** The parameters of fully connected layers in kernel memory, with their initial values. */
export function headParameters(kernel: Kernel, start: readonly Layer[]): Parameters {
  const layers = start.flatMap(
    ({ weight, bias }, i) =>
      [
        [`layer${i}.weight`, weight],
        [`layer${i}.bias`, bias],
      ] as const,
  );
  const parameters = new Parameters(
    kernel,
    Object.fromEntries(layers.map(([name, { shape }]) => [name, shape])),
  );
  for (const [name, { data }] of layers) parameters.set(name, data);
  return parameters;
}

import type { Random, Weights } from '../../../core/index.js';
import type { Kernel } from '../_fit/kernel/kernel.js';
import { Parameters } from '../_fit/kernel/parameters.js';
import type { Window } from '../_fit/rows.js';
import { crossEntropy, type Trainable } from '../_fit/trainable.js';
import {
  BILINEAR,
  collapse,
  difference,
  lossAndGradient,
  newBilinear,
  type Bilinear,
} from './bilinear.js';

/**
 * The bilinear scores of a pair as a trainable model. `weightDecay` adds decay · value to each
 * gradient, as PyTorch's Adam does.
 */
export class BilinearModel implements Trainable {
  readonly parameters: Parameters;

  constructor(
    private readonly kernel: Kernel,
    dim: number,
    private readonly settings: { readonly rank: number; readonly weightDecay: number },
    random: Random,
  ) {
    const { rank } = settings;
    this.parameters = new Parameters(kernel, {
      weak: [rank],
      strong: [rank],
      project: [rank, dim],
      bias: [rank],
      out: [rank],
    });
    const start = newBilinear(rank, dim, random);
    for (const name of BILINEAR) this.parameters.set(name, start[name]);
  }

  tensors(): Weights['tensors'] {
    return this.parameters.tensors(this.parameters.getAll('values'));
  }

  learn({ address, labels, rowStride, rows: count }: Window, rows: Int32Array): number {
    const values = this.kernel.floats(address, count * rowStride);
    const current = this.#current();
    const { loss, gradient } = lossAndGradient(current, values, labels, rows, rowStride);
    const { weightDecay } = this.settings;
    for (const name of BILINEAR)
      this.parameters.setGradient(
        name,
        gradient[name].map((component, i) => component + weightDecay * current[name][i]!),
      );
    return loss * rows.length;
  }

  measure({ address, labels, rowStride, rows }: Window): number {
    const values = this.kernel.floats(address, rows * rowStride);
    const linear = collapse(this.#current());
    let loss = 0;
    for (let row = 0; row < rows; row++)
      loss += crossEntropy(difference(linear, values, row * rowStride), labels[row]!);
    return loss;
  }

  #current(): Bilinear {
    return getBilinear(this.tensors());
  }
}

/** The parameters in double precision, read from named tensors. */
export const getBilinear = (tensors: Weights['tensors']): Bilinear =>
  Object.fromEntries(
    BILINEAR.map((name) => [name, Float64Array.from(tensors[name]?.data ?? [])]),
  ) as unknown as Bilinear;

import type { Random } from '../../../core/index.js';
import { paddedWidth, type Kernel, type Matrix } from './kernel/kernel.js';
import { Parameters } from './kernel/parameters.js';
import type { Window } from './rows.js';
import { crossEntropy, crossEntropySlope, type Trainable } from './trainable.js';

/** Layers that one filter covers. */
export const KERNEL = 3;

/**
 * A convolution over the layers (channels = dim, kernel size 3, zero padding), ReLU, mean over
 * positions, linear. Three neighbouring layers are contiguous in a row, so the unfolded matrix of
 * the convolution is the row itself, read with a stride of one layer: no copy is needed, and both
 * passes are matrix products. The two outermost positions lack one layer, so their products use two
 * thirds of the filters.
 */
export class LayerConvolution implements Trainable {
  readonly parameters: Parameters;
  readonly #layerStride: number;
  readonly #maps: Matrix;
  readonly #slopes: Matrix;

  constructor(
    private readonly kernel: Kernel,
    private readonly layers: number,
    dim: number,
    private readonly filters: number,
    random: Random,
  ) {
    this.parameters = new Parameters(kernel, {
      'conv.weight': [filters, KERNEL, dim],
      'conv.bias': [filters],
      'fc.weight': [filters],
      'fc.bias': [1],
    });
    const uniform = (name: string, count: number, inputs: number): void => {
      const bound = 1 / Math.sqrt(inputs); // PyTorch's default
      this.parameters.set(
        name,
        Float32Array.from({ length: count }, () => (2 * random.float() - 1) * bound),
      );
    };
    uniform('conv.weight', filters * KERNEL * dim, KERNEL * dim);
    uniform('conv.bias', filters, KERNEL * dim);
    uniform('fc.weight', filters, filters);
    uniform('fc.bias', 1, filters);
    this.#layerStride = paddedWidth(dim);
    const matrix = (): Matrix => ({
      address: kernel.allocate(layers * paddedWidth(filters)),
      stride: paddedWidth(filters),
    });
    [this.#maps, this.#slopes] = [matrix(), matrix()];
  }

  learn(window: Window, rows: Int32Array, random: Random): number;
  learn(window: Window, rows: Int32Array): number {
    const { parameters } = this;
    parameters.clearGradient();
    const [weight, bias] = [parameters.gradientRow('fc.weight'), parameters.gradientRow('fc.bias')];
    let loss = 0;
    for (const row of rows) {
      const states = this.#getStatesAddress(window, row);
      const pooled = this.#pooled(states);
      const z = this.#logit(pooled);
      const y = window.labels[row]!;
      const slope = crossEntropySlope(z, y) / rows.length;
      loss += crossEntropy(z, y);
      bias[0] = bias[0]! + slope;
      for (let f = 0; f < this.filters; f++) weight[f] = weight[f]! + slope * pooled[f]!;
      this.#backward(states, slope);
    }
    return loss;
  }

  measure(window: Window): number {
    let loss = 0;
    for (let row = 0; row < window.rows; row++)
      loss += crossEntropy(
        this.#logit(this.#pooled(this.#getStatesAddress(window, row))),
        window.labels[row]!,
      );
    return loss;
  }

  #getStatesAddress({ address, rowStride }: Window, row: number): number {
    return address + 4 * row * rowStride;
  }

  /**
   * The positions whose filters begin at the same layer of the filter: first, middle, last. Empty
   * if there are none.
   */
  #parts(): readonly {
    readonly position: number;
    readonly count: number;
    readonly layer: number;
    readonly skip: number;
    readonly taps: number;
  }[] {
    const { layers } = this;
    if (layers === 1) return [{ position: 0, count: 1, layer: 0, skip: 1, taps: 1 }];
    return [
      { position: 0, count: 1, layer: 0, skip: 1, taps: 2 },
      { position: 1, count: layers - 2, layer: 0, skip: 0, taps: 3 },
      { position: layers - 1, count: 1, layer: layers - 2, skip: 0, taps: 2 },
    ];
  }

  /**
   * Mean over positions of the rectified feature maps: Float64Array[filters]. The maps are kept for
   * the backward pass.
   */
  #pooled(states: number): Float64Array {
    const { kernel, parameters, filters, layers } = this;
    const width = this.#layerStride;
    const weight = parameters.get('conv.weight');
    const maps = kernel.floats(this.#maps.address, layers * this.#maps.stride);
    for (const { position, count, layer, skip, taps } of this.#parts()) {
      const tapWeights: Matrix = {
        address: weight.address + 4 * skip * width,
        stride: KERNEL * width,
      };
      const out: Matrix = {
        address: this.#maps.address + 4 * position * this.#maps.stride,
        stride: this.#maps.stride,
      };
      kernel.dots(
        { address: states + 4 * layer * width, stride: width },
        count,
        tapWeights,
        filters,
        taps * width,
        out,
      );
    }
    const bias = parameters.row('conv.bias');
    const pooled = new Float64Array(filters);
    for (let p = 0; p < layers; p++) {
      for (let f = 0; f < filters; f++) {
        const value = Math.max(0, maps[p * this.#maps.stride + f]! + bias[f]!);
        maps[p * this.#maps.stride + f] = value;
        pooled[f] = pooled[f]! + value / layers;
      }
    }
    return pooled;
  }

  #logit(pooled: Float64Array): number {
    const weight = this.parameters.row('fc.weight');
    return pooled.reduce(
      (sum, value, f) => sum + value * weight[f]!,
      this.parameters.row('fc.bias')[0]!,
    );
  }

  #backward(states: number, slope: number): void {
    const { kernel, parameters, filters, layers } = this;
    const width = this.#layerStride;
    const { stride } = this.#maps;
    const [maps, slopes] = [
      kernel.floats(this.#maps.address, layers * stride),
      kernel.floats(this.#slopes.address, layers * stride),
    ];
    const [weight, bias] = [parameters.row('fc.weight'), parameters.gradientRow('conv.bias')];
    for (let p = 0; p < layers; p++) {
      for (let f = 0; f < filters; f++) {
        const share = maps[p * stride + f]! > 0 ? (slope * weight[f]!) / layers : 0;
        slopes[p * stride + f] = share;
        bias[f] = bias[f]! + share;
      }
    }
    const gradient = parameters.gradientAt('conv.weight');
    for (const { position, count, layer, skip, taps } of this.#parts()) {
      kernel.accumulate(
        { address: this.#slopes.address + 4 * position * stride, row: 1, k: stride },
        filters,
        { address: states + 4 * layer * width, stride: width },
        count,
        taps * width,
        { address: gradient.address + 4 * skip * width, stride: KERNEL * width },
      );
    }
  }
}

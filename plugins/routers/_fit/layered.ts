import type { Random } from '../../../core/index.js';
import type { Kernel, Matrix } from './kernel/kernel.js';
import { Parameters } from './kernel/parameters.js';
import type { Mixing } from './mixing.js';
import type { Window } from './rows.js';
import { crossEntropy, crossEntropySlope, type Trainable } from './trainable.js';

/** The names of the classifier's parameters and of the gate beside it. */
const WEIGHT = 'classifier.weight';
const BIAS = 'classifier.bias';
const GATE = 'gate.weight';

/**
 * logit = Σ_l α_l (w · h_l) + b. The mixed vector Σ_l α_l h_l is never made: a row is read once for its products with w (and the gate),
 * and once more, still in cache, for its share of the gradient, Σ_l (slope · α_l) h_l.
 */
export class Layered implements Trainable {
  readonly parameters: Parameters;
  readonly #products: Matrix;
  readonly #factors: number;

  constructor(
    private readonly kernel: Kernel,
    private readonly mixing: Mixing,
    private readonly layers: number,
    dim: number,
    random: Random,
  ) {
    // the gate lies behind the classifier, so one pass over a row makes both products
    const { [GATE]: gate, ...others } = mixing.shapes(layers, dim);
    this.parameters = new Parameters(kernel, { [WEIGHT]: [dim], ...(gate === undefined ? {} : { [GATE]: gate }), [BIAS]: [1], ...others });
    const bound = 1 / Math.sqrt(dim); // PyTorch's default for linear layers
    this.parameters.set(WEIGHT, Float32Array.from({ length: dim }, () => (2 * random.float() - 1) * bound));
    this.parameters.set(BIAS, [(2 * random.float() - 1) * bound]);
    for (const [name, values] of Object.entries(mixing.start(layers))) this.parameters.set(name, values);
    this.#products = { address: kernel.allocate(16 * layers), stride: 16 };
    this.#factors = kernel.allocate(layers);
  }

  learn(window: Window, rows: Int32Array, random: Random): number {
    const { kernel, parameters, layers } = this;
    parameters.clearGradient();
    const factors = kernel.floats(this.#factors, layers);
    const [weight, bias] = [parameters.gradientAt(WEIGHT), parameters.gradientRow(BIAS)];
    let loss = 0;
    for (const row of rows) {
      const states = this.#statesOf(window, row);
      const { products, scores } = this.#productsOf(states);
      const { weights, back } = this.mixing.mix(parameters, layers, scores, random);
      const z = this.#logit(weights, products);
      const y = window.labels[row] as number;
      const slope = crossEntropySlope(z, y) / rows.length;
      loss += crossEntropy(z, y);
      bias[0] = (bias[0] as number) + slope;
      for (let l = 0; l < layers; l++) factors[l] = slope * (weights[l] as number);
      kernel.addRows(this.#factors, states, layers, weight.address, weight.stride);
      const gate = back(products.map((product) => slope * product));
      if (gate === null) continue;
      factors.set(gate);
      const { address, stride } = parameters.gradientAt(GATE);
      kernel.addRows(this.#factors, states, layers, address, stride);
    }
    return loss;
  }

  measure(window: Window): number {
    let loss = 0;
    for (let row = 0; row < window.rows; row++) {
      const { products, scores } = this.#productsOf(this.#statesOf(window, row));
      loss += crossEntropy(this.#logit(this.mixing.mix(this.parameters, this.layers, scores, null).weights, products), window.labels[row] as number);
    }
    return loss;
  }

  /** Means over the rows of a part, as in scoring: of the layers' weights, and of the concentration. */
  async summary(windows: AsyncIterable<Window>): Promise<{ readonly layerWeights: readonly number[]; readonly concentration: number | null }> {
    const weights = new Float64Array(this.layers);
    let concentration: number | null = 0;
    let rows = 0;
    for await (const window of windows) {
      for (let row = 0; row < window.rows; row++) {
        const mixed = this.mixing.mix(this.parameters, this.layers, this.#productsOf(this.#statesOf(window, row)).scores, null);
        mixed.weights.forEach((weight, l) => (weights[l] = (weights[l] as number) + weight));
        concentration = mixed.concentration === null || concentration === null ? null : concentration + mixed.concentration;
      }
      rows += window.rows;
    }
    return { layerWeights: Array.from(weights, (sum) => sum / rows), concentration: concentration === null ? null : concentration / rows };
  }

  #statesOf({ address, rowStride, layerStride }: Window, row: number): Matrix {
    return { address: address + 4 * row * rowStride, stride: layerStride };
  }

  #productsOf(states: Matrix): { readonly products: Float64Array; readonly scores: Float64Array } {
    const { kernel, layers, mixing } = this;
    const weight = this.parameters.at(WEIGHT);
    kernel.dots(states, layers, weight, mixing.gated ? 2 : 1, weight.stride, this.#products);
    const out = kernel.floats(this.#products.address, 16 * layers);
    const column = (j: number): Float64Array => Float64Array.from({ length: layers }, (_, l) => out[16 * l + j] as number);
    return { products: column(0), scores: mixing.gated ? column(1) : new Float64Array(layers) };
  }

  #logit(weights: Float64Array, products: Float64Array): number {
    let z = this.parameters.row(BIAS)[0] as number;
    for (let l = 0; l < this.layers; l++) z += (weights[l] as number) * (products[l] as number);
    return z;
  }
}

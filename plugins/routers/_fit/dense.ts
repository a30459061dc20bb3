import type { Random, Weights } from '../../../core/index.js';
import { gelu, geluSlope, type Activation } from './activation.js';
import { headParameters, type HeadModel } from './head-model.js';
import { paddedWidth, type Kernel, type Matrix } from './kernel/kernel.js';
import type { Parameters } from './kernel/parameters.js';
import type { Layer } from './layers.js';
import type { Window } from './rows.js';
import { crossEntropy, crossEntropySlope } from './trainable.js';

const BATCH = 64;

interface Hidden {
  readonly width: number;
  readonly input: number;
  readonly name: string;
  /** Activations and their gradient: one row per row of the batch. */
  readonly out: Matrix;
  readonly slope: Matrix;
  /** Derivatives of the activation times dropout factors, from the last step. */
  readonly factors: Float32Array;
}

/**
 * A head of fully connected layers with an activation and dropout between them, on one layer of the
 * rows. The backward pass is written by hand: the last layer is a vector, so its products are sums
 * over rows; the others are matrix products of whole batches.
 */
export class Dense implements HeadModel {
  readonly parameters: Parameters;
  readonly #hidden: readonly Hidden[];
  readonly #batch: Matrix;
  readonly #slopes: Float32Array;
  readonly #slopesAt: number;
  readonly #last: string;

  constructor(
    private readonly kernel: Kernel,
    start: readonly Layer[],
    private readonly settings: {
      readonly dropout: number;
      readonly batchSize: number;
      readonly layer?: number;
      readonly activation?: Activation;
    },
  ) {
    this.parameters = headParameters(kernel, start);
    const rows = Math.max(BATCH, settings.batchSize);
    const matrix = (width: number): Matrix => ({
      address: kernel.allocate(rows * paddedWidth(width)),
      stride: paddedWidth(width),
    });
    this.#batch = matrix(start[0]?.weight.shape[1] ?? 0);
    this.#last = `layer${start.length - 1}`;
    this.#hidden = start.slice(0, -1).map(({ weight: { shape } }, i) => {
      const [width, input] = shape as [number, number];
      return {
        width,
        input,
        name: `layer${i}`,
        out: matrix(width),
        slope: matrix(width),
        factors: new Float32Array(rows * width),
      };
    });
    this.#slopesAt = kernel.allocate(rows);
    this.#slopes = kernel.floats(this.#slopesAt, rows);
  }

  tensors(): Weights['tensors'] {
    return this.parameters.tensors(this.parameters.getAll('values'));
  }

  learn(
    { address, labels, rowStride, layerStride }: Window,
    rows: Int32Array,
    random: Random,
  ): number {
    const n = rows.length;
    const from = address + 4 * (this.settings.layer ?? 0) * layerStride;
    rows.forEach((row, i) =>
      this.kernel.copy(
        from + 4 * row * rowStride,
        this.#batch.address + 4 * i * this.#batch.stride,
        layerStride,
      ),
    );
    const logits = this.#forward(this.#batch, n, random);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const y = labels[rows[i]!]!;
      loss += crossEntropy(logits[i]!, y);
      this.#slopes[i] = crossEntropySlope(logits[i]!, y) / n;
    }
    this.#backward(n);
    return loss;
  }

  measure({ rows, address, labels, rowStride, layerStride }: Window): number {
    let loss = 0;
    for (let first = 0; first < rows; first += BATCH) {
      const n = Math.min(BATCH, rows - first);
      const logits = this.#forward(
        {
          address: address + 4 * (first * rowStride + (this.settings.layer ?? 0) * layerStride),
          stride: rowStride,
        },
        n,
        null,
      );
      for (let i = 0; i < n; i++) loss += crossEntropy(logits[i]!, labels[first + i]!);
    }
    return loss;
  }

  #forward(batch: Matrix, n: number, random: Random | null): Float64Array {
    const { kernel, parameters } = this;
    const { dropout, activation } = this.settings;
    let x = batch;
    for (const { width, input, name, out, factors } of this.#hidden) {
      kernel.dots(x, n, parameters.get(`${name}.weight`), width, paddedWidth(input), out);
      const bias = parameters.row(`${name}.bias`);
      const values = kernel.floats(out.address, n * out.stride);
      for (let i = 0; i < n; i++) {
        for (let o = 0; o < width; o++) {
          let keep = 1;
          if (random !== null && dropout > 0)
            keep = random.float() < dropout ? 0 : 1 / (1 - dropout);
          const address = i * out.stride + o;
          const z = values[address]! + bias[o]!;
          if (activation === 'gelu') {
            factors[i * width + o] = geluSlope(z) * keep;
            values[address] = gelu(z) * keep;
          } else {
            factors[i * width + o] = z > 0 ? keep : 0;
            values[address] = z > 0 ? z * keep : 0;
          }
        }
      }
      x = out;
    }
    const last = parameters.get(`${this.#last}.weight`);
    const bias = parameters.row(`${this.#last}.bias`)[0]!;
    return Float64Array.from(
      { length: n },
      (_, i) => kernel.dot(x.address + 4 * i * x.stride, last.address, last.stride) + bias,
    );
  }

  #backward(n: number): void {
    const { kernel, parameters } = this;
    parameters.clearGradient();
    const slopes = this.#slopes;
    const getInput = (depth: number): Matrix => this.#hidden[depth - 1]?.out ?? this.#batch;
    const last = parameters.get(`${this.#last}.weight`);
    kernel.addRows(
      this.#slopesAt,
      getInput(this.#hidden.length),
      n,
      parameters.gradientAt(`${this.#last}.weight`).address,
      last.stride,
    );
    parameters.gradientRow(`${this.#last}.bias`)[0] = slopes
      .subarray(0, n)
      .reduce((a, b) => a + b, 0);
    for (let depth = this.#hidden.length - 1; depth >= 0; depth--) {
      const { width, input, name, slope, factors } = this.#hidden[depth] as Hidden;
      const values = kernel.floats(slope.address, n * slope.stride);
      const above = this.#hidden[depth + 1];
      values.fill(0);
      if (above === undefined) {
        const weight = parameters.row(`${this.#last}.weight`);
        for (let i = 0; i < n; i++)
          for (let o = 0; o < width; o++) values[i * slope.stride + o] = slopes[i]! * weight[o]!;
      } else
        kernel.accumulate(
          { address: above.slope.address, row: above.slope.stride, k: 1 },
          n,
          parameters.get(`${above.name}.weight`),
          above.width,
          slope.stride,
          slope,
        );
      const bias = parameters.gradientRow(`${name}.bias`);
      for (let i = 0; i < n; i++) {
        for (let o = 0; o < width; o++) {
          const address = i * slope.stride + o;
          values[address] = values[address]! * factors[i * width + o]!;
          bias[o] = bias[o]! + values[address]!;
        }
      }
      kernel.accumulate(
        { address: slope.address, row: 1, k: slope.stride },
        width,
        getInput(depth),
        n,
        paddedWidth(input),
        parameters.gradientAt(`${name}.weight`),
      );
    }
  }
}

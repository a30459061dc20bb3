import type { Random, Weights } from '../../../core/index.js';
import type { Activation } from './activation.js';
import type { TensorEngine } from './engine.js';
import { headParameters, type HeadModel } from './head-model.js';
import type { Kernel } from './kernel/kernel.js';
import type { Parameters } from './kernel/parameters.js';
import type { Layer } from './layers.js';
import type { Window } from './rows.js';
import { crossEntropy } from './trainable.js';

type Tf = TensorEngine['tf'];
type Tensor = import('@tensorflow/tfjs-core').Tensor;
type Matrix = import('@tensorflow/tfjs-core').Tensor2D;

/** Rows per forward pass when measuring. */
const BATCH = 1024;

/**
 * Output [rows, 1] of layers [w₀, b₀, w₁, b₁, …] with an activation between them, each value
 * multiplied by its dropout factors.
 */
function computeLogits(
  tf: Tf,
  layers: readonly Tensor[],
  x: Matrix,
  factors: readonly Matrix[],
  activation: Activation,
): Matrix {
  let y = x;
  for (let i = 0; i < layers.length; i += 2) {
    y = tf.add(tf.matMul(y, layers[i] as Tensor, false, true), layers[i + 1] as Tensor) as Matrix;
    if (i + 2 === layers.length) break;
    // ½ x (1 + erf(x / √2))
    y =
      activation === 'relu'
        ? tf.relu(y)
        : tf.mul(tf.mul(y, 0.5), tf.add(tf.erf(tf.mul(y, Math.SQRT1_2)), 1));
    const kept = factors[i / 2];
    if (kept !== undefined) y = tf.mul(y, kept);
  }
  return y;
}

/**
 * The same head as {@link Dense}, with its passes computed by TensorFlow.js on the loaded engine.
 * Parameters, Adam's moments and all random numbers are shared with it, so both end with the same
 * weights up to rounding.
 */
export class TensorFlowDense implements HeadModel {
  readonly parameters: Parameters;
  readonly #shapes: readonly (readonly [string, readonly number[]])[];
  readonly #dim: number;
  /** Widths of the hidden layers. */
  readonly #hidden: readonly number[];

  constructor(
    private readonly tf: Tf,
    private readonly kernel: Kernel,
    start: readonly Layer[],
    private readonly settings: {
      readonly dropout: number;
      readonly layer?: number;
      readonly activation?: Activation;
    },
  ) {
    this.parameters = headParameters(kernel, start);
    this.#shapes = start.flatMap(
      ({ weight, bias }, i) =>
        [
          [`layer${i}.weight`, weight.shape],
          [`layer${i}.bias`, bias.shape],
        ] as const,
    );
    this.#dim = start[0]?.weight.shape[1] ?? 0;
    this.#hidden = start.slice(0, -1).map(({ bias }) => bias.data.length);
  }

  tensors(): Weights['tensors'] {
    return this.parameters.tensors(this.parameters.getAll('values'));
  }

  learn(window: Window, rows: Int32Array, random: Random): number {
    const { tf, parameters } = this;
    const loss = tf.tidy(() => {
      const x = this.#readRows(window, rows);
      const y = tf.tensor2d(
        Float32Array.from(rows, (row) => window.labels[row]!),
        [rows.length, 1],
      );
      const factors = this.#dropout(rows.length, random);
      const { value, grads } = tf.valueAndGrads((...layers) => {
        const z = computeLogits(tf, layers, x, factors, this.settings.activation ?? 'relu');
        // binary cross-entropy of logits: max(z, 0) − z·y + ln(1 + e^−|z|)
        return tf.mean(tf.add(tf.sub(tf.relu(z), tf.mul(z, y)), tf.softplus(tf.neg(tf.abs(z)))));
      })(this.#layers());
      for (const [i, [name]] of this.#shapes.entries())
        parameters.setGradient(name, grads[i]?.dataSync() ?? []);
      return value.dataSync()[0] ?? NaN;
    });
    return loss * rows.length;
  }

  measure(window: Window): number {
    let loss = 0;
    for (let first = 0; first < window.rows; first += BATCH) {
      const rows = Int32Array.from(
        { length: Math.min(BATCH, window.rows - first) },
        (_, i) => first + i,
      );
      const logits = this.tf.tidy(() =>
        computeLogits(
          this.tf,
          this.#layers(),
          this.#readRows(window, rows),
          [],
          this.settings.activation ?? 'relu',
        ).dataSync(),
      );
      logits.forEach((z, i) => (loss += crossEntropy(z, window.labels[first + i]!)));
    }
    return loss;
  }

  #layers(): Tensor[] {
    const values = this.tensors();
    return this.#shapes.map(([name, shape]) =>
      this.tf.tensor(values[name]?.data ?? [], [...shape]),
    );
  }

  #readRows({ address, rowStride, layerStride }: Window, rows: Int32Array): Matrix {
    const dim = this.#dim;
    const x = new Float32Array(rows.length * dim);
    rows.forEach((row, i) =>
      x.set(
        this.kernel.floats(
          address + 4 * (row * rowStride + (this.settings.layer ?? 0) * layerStride),
          dim,
        ),
        i * dim,
      ),
    );
    return this.tf.tensor2d(x, [rows.length, dim]);
  }

  /** One factor for each unit of each hidden layer, drawn in the same order as in `Dense`. */
  #dropout(rows: number, random: Random): readonly Matrix[] {
    const { dropout } = this.settings;
    if (dropout === 0) return [];
    return this.#hidden.map((width) =>
      this.tf.tensor2d(
        Float32Array.from({ length: rows * width }, () =>
          random.float() < dropout ? 0 : 1 / (1 - dropout),
        ),
        [rows, width],
      ),
    );
  }
}

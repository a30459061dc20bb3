import type { Random } from '../../../core/index.js';
import { PARTITIONS, type WorkerPool } from './kernel/worker-pool.js';
import type { Kernel, Matrix } from './kernel/kernel.js';
import { Parameters } from './kernel/parameters.js';
import {
  BIAS,
  GATE,
  JOB,
  JOB_NUMBERS,
  Partition,
  buildPartitions,
  WEIGHT,
  type PartitionPlan,
} from './partition.js';
import type { Mixing } from './mixing.js';
import type { Window } from './rows.js';
import type { Trainable } from './trainable.js';

/**
 * logit = Σ_l α_l (w · h_l) + b. The mixed vector Σ_l α_l h_l is never computed. Rows are split
 * into partitions, each with its own random stream and gradient; gradients and losses are added in
 * the order of the partitions, so the result does not depend on which worker computes which
 * partition.
 */
export class Layered implements Trainable {
  readonly parameters: Parameters;
  readonly #job: Float64Array;
  readonly #plan: PartitionPlan;
  readonly #runPartition: (index: number) => void;
  readonly #rows: Int32Array;
  readonly #ones: number;

  /** `batchSize`: maximum number of rows per call of `learn`. */
  constructor(
    private readonly kernel: Kernel,
    private readonly mixing: Mixing,
    shape: { readonly layers: number; readonly dim: number; readonly batchSize: number },
    random: Random,
    private readonly pool: WorkerPool,
  ) {
    const { layers, dim } = shape;
    // the gate follows the classifier in memory, so one pass over a row computes both products
    const { [GATE]: gate, ...others } = mixing.shapes(layers, dim);
    const shapes = {
      [WEIGHT]: [dim],
      ...(gate === undefined ? {} : { [GATE]: gate }),
      [BIAS]: [1],
      ...others,
    };
    const parameters = (this.parameters = new Parameters(kernel, shapes));
    const bound = 1 / Math.sqrt(dim); // PyTorch's default for linear layers
    parameters.set(
      WEIGHT,
      Float32Array.from({ length: dim }, () => (2 * random.float() - 1) * bound),
    );
    parameters.set(BIAS, [(2 * random.float() - 1) * bound]);
    for (const [name, values] of Object.entries(mixing.start(layers))) parameters.set(name, values);

    const collectMatrices = (getMatrix: (name: string) => Matrix): PartitionPlan['values'] =>
      Object.fromEntries(
        Object.keys(shapes).map((name) => [
          name,
          { address: getMatrix(name).address, stride: getMatrix(name).stride },
        ]),
      );
    const factorStep = 64 * Math.ceil(layers / 16);
    this.#plan = {
      mixing: mixing.name,
      layers,
      count: parameters.count,
      values: collectMatrices((name) => parameters.get(name)),
      gradient: collectMatrices((name) => parameters.gradientAt(name)),
      gradientAt: parameters.getAll('gradient').byteOffset,
      partitionGradientsAt: kernel.allocate(PARTITIONS * parameters.count),
      products: kernel.allocate(PARTITIONS * 16 * layers),
      factors: kernel.allocate((PARTITIONS * factorStep) / 4),
      factorStep,
      job: kernel.allocate(2 * JOB_NUMBERS),
    };
    this.#rows = kernel.ints(kernel.allocate(shape.batchSize), shape.batchSize);
    this.#ones = kernel.allocate(PARTITIONS);
    kernel.floats(this.#ones, PARTITIONS).fill(1);
    this.#job = kernel.doubles(this.#plan.job, JOB_NUMBERS);
    this.#runPartition = buildPartitions(kernel, this.#plan);
    pool.assign(this.#plan);
  }

  learn(window: Window, rows: Int32Array, random: Random): number {
    this.#rows.set(rows);
    for (let partition = 0; partition < PARTITIONS; partition++)
      this.#job[JOB.seeds + partition] = random.int(0, 2 ** 31 - 1);
    const loss = this.#run(window, 1, rows.length);
    const { count, partitionGradientsAt, gradientAt } = this.#plan;
    this.parameters.clearGradient();
    this.kernel.addRows(
      this.#ones,
      { address: partitionGradientsAt, stride: count },
      PARTITIONS,
      gradientAt,
      count,
    );
    return loss;
  }

  measure(window: Window): number {
    return this.#run(window, 0, window.rows);
  }

  /**
   * Means over the rows of a part, as in scoring: of the layer weights, and of the concentration.
   */
  async summary(
    windows: AsyncIterable<Window>,
  ): Promise<{ readonly layerWeights: readonly number[]; readonly concentration: number | null }> {
    const partition = new Partition(this.kernel, this.#plan, 0);
    const mixer = partition.mixer();
    if (!this.mixing.gated) {
      const { weights, concentration } = mixer.mix(new Float64Array(this.#plan.layers), null);
      return { layerWeights: Array.from(weights), concentration };
    }
    const sums = new Float64Array(this.#plan.layers);
    let concentration: number | null = 0;
    let rows = 0;
    for await (const window of windows) {
      for (let row = 0; row < window.rows; row++) {
        const mixed = mixer.mix(
          partition.computeScores({
            address: window.address + 4 * row * window.rowStride,
            stride: window.layerStride,
          }),
          null,
        );
        mixed.weights.forEach((weight, l) => (sums[l] = sums[l]! + weight));
        concentration =
          mixed.concentration === null || concentration === null
            ? null
            : concentration + mixed.concentration;
      }
      rows += window.rows;
    }
    return {
      layerWeights: Array.from(sums, (sum) => sum / rows),
      concentration: concentration === null ? null : concentration / rows,
    };
  }

  /** Computes all partitions of a window, on the given rows or on all; returns the summed loss. */
  #run({ address, rowStride, layerStride, labels }: Window, learn: 0 | 1, count: number): number {
    const job = this.#job;
    job[JOB.learn] = learn;
    job[JOB.address] = address;
    job[JOB.rowStride] = rowStride;
    job[JOB.layerStride] = layerStride;
    job[JOB.labels] = labels.byteOffset;
    job[JOB.rows] = this.#rows.byteOffset;
    job[JOB.count] = count;
    job[JOB.held] = labels.length;
    this.pool.run(this.#runPartition);
    return job.subarray(JOB.losses).reduce((a, b) => a + b, 0);
  }
}

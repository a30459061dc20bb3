import { seededRandom } from '../../../core/index.js';
import type { Kernel, Matrix } from './kernel/kernel.js';
import { PARTITIONS } from './kernel/worker-pool.js';
import {
  MIXINGS,
  type Mixer,
  type Mixing,
  type MixingName,
  type MixingParameters,
} from './mixing.js';
import { crossEntropy, crossEntropySlope } from './trainable.js';

/** The names of the parameters of the classifier and the gate. */
export const WEIGHT = 'classifier.weight';
export const BIAS = 'classifier.bias';
export const GATE = 'gate.weight';

/**
 * Addresses in kernel memory of everything that the partitions of a layered probe use. It can be
 * sent to a worker.
 */
export interface PartitionPlan {
  readonly mixing: MixingName;
  readonly layers: number;
  /** Floats of all parameters. */
  readonly count: number;
  readonly values: Readonly<Record<string, Matrix>>;
  readonly gradient: Readonly<Record<string, Matrix>>;
  /**
   * Addresses of the total gradient, and of the gradients of the partitions, which have the same
   * layout and follow each other.
   */
  readonly gradientAt: number;
  readonly partitionGradientsAt: number;
  /** 16 floats per layer and partition: products with the classifier and the gate. */
  readonly products: number;
  /** One float per layer and partition, in steps of `factorStep` bytes. */
  readonly factors: number;
  readonly factorStep: number;
  /** The job: see `JOB`. */
  readonly job: number;
}

/**
 * One job, as numbers in kernel memory, and its outcome; `seeds` and `losses` have one number per
 * partition.
 */
export const JOB = {
  learn: 0,
  address: 1,
  rowStride: 2,
  layerStride: 3,
  labels: 4,
  rows: 5,
  count: 6,
  held: 7,
  seeds: 8,
  losses: 8 + PARTITIONS,
} as const;
/** Size of a job in float64 numbers. */
export const JOB_NUMBERS = 8 + 2 * PARTITIONS;

/**
 * The share of one partition in a batch: it reads a row once for its products with w (and the
 * gate), and once more, while still in cache, for the gradient.
 */
export class Partition {
  readonly #mixing: Mixing;
  readonly #named: MixingParameters;
  readonly #job: Float64Array;
  readonly #gradient: Float32Array;
  readonly #products: Matrix;
  readonly #out: Float32Array;
  readonly #factors: Float32Array;
  readonly #weights: Float64Array;
  readonly #scores: Float64Array;
  readonly #slopes: Float64Array;

  constructor(
    private readonly kernel: Kernel,
    private readonly plan: PartitionPlan,
    private readonly index: number,
  ) {
    const { layers, count } = plan;
    this.#mixing = MIXINGS[plan.mixing];
    const view = ({ address, stride }: Matrix): Float32Array => kernel.floats(address, stride);
    const rows = (
      matrices: PartitionPlan['values'],
      shift: number,
    ): ReadonlyMap<string, Float32Array> =>
      new Map(
        Object.entries(matrices).map(([name, { address, stride }]) => [
          name,
          view({ address: address + shift, stride }),
        ]),
      );
    const values = rows(plan.values, 0);
    const gradient = rows(plan.gradient, this.#shift);
    this.#named = {
      row: (name) => values.get(name) as Float32Array,
      gradientRow: (name) => gradient.get(name) as Float32Array,
    };
    this.#job = kernel.doubles(plan.job, JOB_NUMBERS);
    this.#gradient = kernel.floats(plan.partitionGradientsAt + 4 * count * index, count);
    this.#products = { address: plan.products + 64 * layers * index, stride: 16 };
    this.#out = kernel.floats(this.#products.address, 16 * layers);
    this.#factors = kernel.floats(this.#factorsAt, layers);
    [this.#weights, this.#scores, this.#slopes] = [
      new Float64Array(layers),
      new Float64Array(layers),
      new Float64Array(layers),
    ];
  }

  /**
   * Computes its share of the current job: stores its summed loss and, when learning, its gradient.
   */
  run(): void {
    const job = this.#job;
    const readJob = (what: keyof typeof JOB): number => job[JOB[what]]!;
    const [learn, count] = [readJob('learn') === 1, readJob('count')];
    const [first, last] = [this.index, this.index + 1].map((partition) =>
      Math.floor((partition * count) / PARTITIONS),
    ) as [number, number];
    const random = learn ? seededRandom(job[JOB.seeds + this.index]!) : null;
    const rows = learn ? this.kernel.ints(readJob('rows'), count) : null;
    const labels = this.kernel.floats(readJob('labels'), readJob('held'));
    if (learn) this.#gradient.fill(0);
    const mixer = this.mixer();
    let loss = 0;
    for (let i = first; i < last; i++) {
      const row = rows === null ? i : rows[i]!;
      const states: Matrix = {
        address: readJob('address') + 4 * row * readJob('rowStride'),
        stride: readJob('layerStride'),
      };
      this.#multiply(states);
      const { weights } = mixer.mix(this.#scores, random);
      const z = this.#logit(weights);
      const y = labels[row]!;
      loss += crossEntropy(z, y);
      if (learn) this.#learn(states, weights, crossEntropySlope(z, y) / count, mixer.back);
    }
    if (learn) mixer.finish();
    job[JOB.losses + this.index] = loss;
  }

  /** Computes layer weights with the current parameters. */
  mixer(): Mixer {
    return this.#mixing.mixer(this.#named, this.plan.layers);
  }

  /** The products of the row with the gate; all 0 if there is no gate. */
  computeScores(states: Matrix): Float64Array {
    this.#multiply(states);
    return this.#scores;
  }

  /**
   * The products of the row with the classifier and, if there is one, with the gate (the scores of
   * the row).
   */
  #multiply(states: Matrix): void {
    const { gated } = this.#mixing;
    const { layers, values } = this.plan;
    const weight = values[WEIGHT] as Matrix;
    this.kernel.dots(states, layers, weight, gated ? 2 : 1, weight.stride, this.#products);
    for (let l = 0; l < layers; l++) {
      this.#weights[l] = this.#out[16 * l]!;
      if (gated) this.#scores[l] = this.#out[16 * l + 1]!;
    }
  }

  #logit(weights: Float64Array): number {
    let z = this.#named.row(BIAS)[0]!;
    for (let l = 0; l < weights.length; l++) z += weights[l]! * this.#weights[l]!;
    return z;
  }

  #learn(
    states: Matrix,
    weights: Float64Array,
    slope: number,
    back: (slope: Float64Array) => Float64Array | null,
  ): void {
    const { layers, gradient } = this.plan;
    const bias = this.#named.gradientRow(BIAS);
    bias[0] = bias[0]! + slope;
    for (let l = 0; l < layers; l++) {
      this.#factors[l] = slope * weights[l]!;
      this.#slopes[l] = slope * this.#weights[l]!;
    }
    const add = ({ address, stride }: Matrix): void =>
      this.kernel.addRows(this.#factorsAt, states, layers, address + this.#shift, stride);
    add(gradient[WEIGHT] as Matrix);
    const gate = back(this.#slopes);
    if (gate === null) return;
    this.#factors.set(gate);
    add(gradient[GATE] as Matrix);
  }

  /**
   * Bytes from an address in the total gradient to the same address in the gradient of the
   * partition.
   */
  get #shift(): number {
    const { partitionGradientsAt, gradientAt, count } = this.plan;
    return partitionGradientsAt + 4 * count * this.index - gradientAt;
  }

  get #factorsAt(): number {
    return this.plan.factors + this.plan.factorStep * this.index;
  }
}

/** All partitions of a plan on a kernel: a function to call with a partition's number. */
export function buildPartitions(kernel: Kernel, plan: PartitionPlan): (index: number) => void {
  const partitions = Array.from(
    { length: PARTITIONS },
    (_, index) => new Partition(kernel, plan, index),
  );
  return (index) => partitions[index]?.run();
}

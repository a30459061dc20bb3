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

/** The names of the classifier's parameters and of the gate beside it. */
export const WEIGHT = 'classifier.weight';
export const BIAS = 'classifier.bias';
export const GATE = 'gate.weight';

/**
 * Where everything that the lanes of a layered probe use lies in kernel memory. It can be sent to a
 * thread.
 */
export interface PartitionPlan {
  readonly mixing: MixingName;
  readonly layers: number;
  /** Floats of all parameters. */
  readonly count: number;
  readonly values: Readonly<Record<string, Matrix>>;
  readonly gradient: Readonly<Record<string, Matrix>>;
  /**
   * The first byte of the whole gradient, and of the lanes' own gradients, which are laid out like
   * it and lie behind each other.
   */
  readonly gradientAt: number;
  readonly partitionGradientsAt: number;
  /** 16 floats a layer and lane: products with the classifier and the gate. */
  readonly products: number;
  /** A float a layer and lane, in steps of `factorStep` bytes. */
  readonly factors: number;
  readonly factorStep: number;
  /** The piece of work: see `JOB`. */
  readonly job: number;
}

/**
 * One piece of work, as numbers in kernel memory, and what comes of it; `seeds` and `losses` have
 * one a lane.
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
/** float64 numbers that a job takes. */
export const JOB_NUMBERS = 8 + 2 * PARTITIONS;

/**
 * One lane's share of a batch: it reads a row once for its products with w (and the gate), and once
 * more, still in cache, for its share of the gradient.
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
   * Does its share of the job that lies in memory: leaves its summed loss and, when learning, its
   * gradient there.
   */
  run(): void {
    const job = this.#job;
    const readJob = (what: keyof typeof JOB): number => job[JOB[what]] as number;
    const [learn, count] = [readJob('learn') === 1, readJob('count')];
    const [first, last] = [this.index, this.index + 1].map((partition) =>
      Math.floor((partition * count) / PARTITIONS),
    ) as [number, number];
    const random = learn ? seededRandom(job[JOB.seeds + this.index] as number) : null;
    const rows = learn ? this.kernel.ints(readJob('rows'), count) : null;
    const labels = this.kernel.floats(readJob('labels'), readJob('held'));
    if (learn) this.#gradient.fill(0);
    const mixer = this.mixer();
    let loss = 0;
    for (let i = first; i < last; i++) {
      const row = rows === null ? i : (rows[i] as number);
      const states: Matrix = {
        address: readJob('address') + 4 * row * readJob('rowStride'),
        stride: readJob('layerStride'),
      };
      this.#multiply(states);
      const { weights } = mixer.mix(this.#scores, random);
      const z = this.#logit(weights);
      const y = labels[row] as number;
      loss += crossEntropy(z, y);
      if (learn) this.#learn(states, weights, crossEntropySlope(z, y) / count, mixer.back);
    }
    if (learn) mixer.finish();
    job[JOB.losses + this.index] = loss;
  }

  /** Weighs the layers under the parameters as they are now. */
  mixer(): Mixer {
    return this.#mixing.mixer(this.#named, this.plan.layers);
  }

  /** The row's products with the gate; all 0 where there is none. */
  computeScores(states: Matrix): Float64Array {
    this.#multiply(states);
    return this.#scores;
  }

  /** The row's products with the classifier, and with the gate where there is one: its scores. */
  #multiply(states: Matrix): void {
    const { gated } = this.#mixing;
    const { layers, values } = this.plan;
    const weight = values[WEIGHT] as Matrix;
    this.kernel.dots(states, layers, weight, gated ? 2 : 1, weight.stride, this.#products);
    for (let l = 0; l < layers; l++) {
      this.#weights[l] = this.#out[16 * l] as number;
      if (gated) this.#scores[l] = this.#out[16 * l + 1] as number;
    }
  }

  #logit(weights: Float64Array): number {
    let z = this.#named.row(BIAS)[0] as number;
    for (let l = 0; l < weights.length; l++)
      z += (weights[l] as number) * (this.#weights[l] as number);
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
    bias[0] = (bias[0] as number) + slope;
    for (let l = 0; l < layers; l++) {
      this.#factors[l] = slope * (weights[l] as number);
      this.#slopes[l] = slope * (this.#weights[l] as number);
    }
    const add = ({ address, stride }: Matrix): void =>
      this.kernel.addRows(this.#factorsAt, states, layers, address + this.#shift, stride);
    add(gradient[WEIGHT] as Matrix);
    const gate = back(this.#slopes);
    if (gate === null) return;
    this.#factors.set(gate);
    add(gradient[GATE] as Matrix);
  }

  /** Bytes from a place in the whole gradient to the same place in the lane's own. */
  get #shift(): number {
    const { partitionGradientsAt, gradientAt, count } = this.plan;
    return partitionGradientsAt + 4 * count * this.index - gradientAt;
  }

  get #factorsAt(): number {
    return this.plan.factors + this.plan.factorStep * this.index;
  }
}

/** All lanes of a plan over a kernel: what to call with a lane's number. */
export function buildPartitions(kernel: Kernel, plan: PartitionPlan): (index: number) => void {
  const partitions = Array.from(
    { length: PARTITIONS },
    (_, index) => new Partition(kernel, plan, index),
  );
  return (index) => partitions[index]?.run();
}

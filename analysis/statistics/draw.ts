/** Resamples of clusters as multiplicities of rows: nothing is copied or sorted again. */
import { seededRandom, type Random } from '../../core/util/random.js';
import type { Weights } from '../metrics/weights.js';
import type { SharedRows } from './shared-rows.js';

/** One resample: how often each row is in it, and the sums that all routers share. */
export class Draw implements Weights {
  readonly multiplicity: Uint16Array;
  /** Rows of the resample; it varies where clusters differ in size. */
  rows = 0;
  right = 0;
  weakSum = 0;
  strongSum = 0;
  stamp = 0;
  readonly #clusterCounts: Uint16Array;

  constructor(private readonly shared: SharedRows) {
    this.multiplicity = new Uint16Array(shared.n);
    this.#clusterCounts = new Uint16Array(shared.clusters);
  }

  /** Draws as many clusters as there are, with replacement. */
  resample(random: Random): void {
    const { clusters } = this.shared;
    const clusterCounts = this.#clusterCounts.fill(0);
    for (let i = 0; i < clusters; i++) {
      const drawn = Math.floor(random.float() * clusters);
      clusterCounts[drawn] = (clusterCounts[drawn] as number) + 1;
    }
    this.take(clusterCounts);
  }

  /** Sets the resample from the number of times that each cluster was drawn. */
  take(clusterCounts: ArrayLike<number>): void {
    this.stamp++;
    const { n, cluster, label, weak, strong } = this.shared;
    const multiplicity = this.multiplicity;
    let [rows, right, weakSum, strongSum] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const times = clusterCounts[cluster[i] as number] as number;
      multiplicity[i] = times;
      rows += times;
      right += times * (label[i] as number);
      weakSum += times * (weak[i] as number);
      strongSum += times * (strong[i] as number);
    }
    [this.rows, this.right, this.weakSum, this.strongSum] = [rows, right, weakSum, strongSum];
  }
}

/** The random source of resample number b of a set: the same for all routers and threads. */
export const resampleRandom = (seed: string, b: number): Random => seededRandom(`${seed}/${b}`);

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
  readonly #ofCluster: Uint16Array;

  constructor(private readonly shared: SharedRows) {
    this.multiplicity = new Uint16Array(shared.n);
    this.#ofCluster = new Uint16Array(shared.clusters);
  }

  /** As many clusters as there are, drawn with replacement. */
  resample(random: Random): void {
    const { clusters } = this.shared;
    const ofCluster = this.#ofCluster.fill(0);
    for (let i = 0; i < clusters; i++) {
      const drawn = Math.floor(random.float() * clusters);
      ofCluster[drawn] = (ofCluster[drawn] as number) + 1;
    }
    this.take(ofCluster);
  }

  /** Takes given multiplicities of clusters. */
  take(ofCluster: ArrayLike<number>): void {
    this.stamp++;
    const { n, cluster, label, weak, strong } = this.shared;
    const multiplicity = this.multiplicity;
    let [rows, right, weakSum, strongSum] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const times = ofCluster[cluster[i] as number] as number;
      multiplicity[i] = times;
      rows += times;
      right += times * (label[i] as number);
      weakSum += times * (weak[i] as number);
      strongSum += times * (strong[i] as number);
    }
    [this.rows, this.right, this.weakSum, this.strongSum] = [rows, right, weakSum, strongSum];
  }
}

/** The source of resample number b of a set: the same for all routers, whatever thread draws it. */
export const resampleRandom = (seed: string, b: number): Random => seededRandom(`${seed}/${b}`);

import {
  HarnessError,
  inject,
  OPTIONS,
  router,
  z,
  type Confidence,
  type FitContext,
  type FitData,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';
import { cosines, largest, unit, type UnitRows } from './_embedding/neighbours.js';
import { collect } from './_embedding/rows.js';
import { checkEqual, tensorsFrom } from './_embedding/tensors.js';
import {
  checkWidth,
  embeddingNeeds,
  EmbeddingOptions,
  getEmbedding,
  type EmbeddingSignals,
} from './_embedding/vector.js';

const Options = EmbeddingOptions.extend({
  /** Number of neighbours. */
  k: z.int().positive().default(40),
});
type Options = z.infer<typeof Options>;

/** Queries whose cosines are in memory at once. */
const GROUP = 64;
/** Lower bound of distances: a fit row that is queried again would get infinite weight. */
const NEAREST = 1e-6;

/**
 * The share of right answers among the nearest fit queries, each weighted by the inverse of its
 * cosine distance. Exact search.
 */
@router({
  name: 'knn',
  summary: 'Share of right answers among the nearest fit queries by embedding',
  needs: embeddingNeeds,
  options: Options,
  search: { k: [5, 10, 20, 80, 160, 320] },
  formula: 'Σ yᵢ / dᵢ over Σ 1 / dᵢ, over the k nearest fit queries, with d = 1 − cos',
  source: 'RouterBench, arXiv 2403.12031',
  cost: 'one embedding of the query, and a product with every fit query',
})
export class Knn implements Router<EmbeddingSignals> {
  #stored: (UnitRows & { readonly labels: Float32Array }) | undefined;

  constructor(@inject(OPTIONS) private readonly options: Options) {}

  /** Keeps the fit rows as unit vectors; zero vectors are left out. */
  readonly fit = async (
    train: FitData<EmbeddingSignals>,
    _validation: FitData<EmbeddingSignals>,
    context: FitContext,
  ): Promise<Weights> => {
    context.signal.throwIfAborted();
    const { rows, dim, values, labels } = await collect('knn', train);
    const units = Array.from({ length: rows }, (_, row) =>
      unit(values.subarray(row * dim, (row + 1) * dim)),
    );
    const kept = units.flatMap((vector, row) =>
      vector === null ? [] : [{ vector, label: labels[row]! }],
    );
    if (kept.length < this.options.k)
      throw new HarnessError('fitFailed', {
        router: 'knn',
        rows: kept.length,
        problem: `k is ${this.options.k}`,
      });
    const data = new Float32Array(kept.length * dim);
    kept.forEach(({ vector }, row) => data.set(vector, row * dim));
    return {
      tensors: {
        vectors: { shape: [kept.length, dim], data },
        labels: { shape: [kept.length], data: Float32Array.from(kept, ({ label }) => label) },
      },
      meta: { trainRows: rows, zeroVectors: rows - kept.length },
    };
  };

  readonly restore = (weights: Weights): void => {
    const { vectors, labels } = tensorsFrom(weights, 'knn', { vectors: 2, labels: 1 });
    const [rows, dim] = vectors.shape as [number, number];
    checkEqual('knn', 'vectors and labels', [rows, labels.data.length]);
    if (rows < this.options.k)
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: 'knn',
        problem: `${rows} rows are stored, but k is ${this.options.k}`,
      });
    this.#stored = { rows, dim, values: vectors.data, labels: labels.data };
  };

  /** Null (no opinion) for a zero embedding, which has no direction. */
  readonly scoreBatch = (
    inputs: readonly RouterInput<EmbeddingSignals>[],
  ): readonly Confidence[] => {
    const stored = this.#stored;
    if (stored === undefined) throw new Error('knn has no weights yet');
    const queries = inputs.map((input) => {
      const vector = getEmbedding(input);
      checkWidth('knn', stored.dim, vector.length);
      return unit(vector);
    });
    const out: Confidence[] = [];
    for (let from = 0; from < queries.length; from += GROUP) {
      const group = queries.slice(from, from + GROUP);
      const near = cosines(
        group.filter((query) => query !== null),
        stored,
      ).values();
      for (const query of group)
        out.push(
          query === null ? null : this.#share(near.next().value as Float64Array, stored.labels),
        );
    }
    return out;
  };

  #share(near: Float64Array, labels: Float32Array): number {
    let right = 0;
    let all = 0;
    for (const row of largest(near, this.options.k)) {
      const weight = 1 / Math.max(NEAREST, 1 - near[row]!);
      all += weight;
      right += weight * labels[row]!;
    }
    return right / all;
  }
}

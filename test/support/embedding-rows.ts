/** Rows with embeddings for the tests of routers on embeddings. */
import {
  seededRandom,
  type Confidence,
  type FitContext,
  type FitData,
  type FitRow,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';

/** The signals of a router on an embedding. */
export interface Signals {
  readonly embedding: Float32Array;
}

/** A router on an embedding under test. */
export type EmbeddingRouter = Router<Signals>;

/** A query with this embedding. */
export const input = (values: ArrayLike<number>): RouterInput<Signals> => ({
  query: { text: 'q' },
  signals: { embedding: Float32Array.from(values) },
});

/** Rows with the given embeddings and labels. */
export const labelled = (
  vectors: readonly ArrayLike<number>[],
  labels: readonly number[],
): readonly FitRow<Signals>[] =>
  vectors.map((vector, i) => ({ ...input(vector), label: labels[i] === 1 ? 1 : 0 }));

/**
 * Two clusters: label 1 has a larger first coordinate; the last dimension is constant, the second
 * is large.
 */
export function clouds(count: number, seed: number, flip = false): readonly FitRow<Signals>[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (): FitRow<Signals> => {
    const label = random.float() < 0.5 ? 1 : 0;
    const towards = (label === 1) !== flip ? 1 : -1;
    return {
      ...input([
        towards + random.normal() * 0.5,
        40 + random.normal() * 10,
        random.normal(),
        random.normal(),
        3,
      ]),
      label,
    };
  });
}

/** Rows as the harness passes them to `fit`. */
const data = (all: readonly FitRow<Signals>[]): FitData<Signals> => ({
  rows: all.length,
  async *blocks() {
    for (let i = 0; i < all.length; i += 50) yield await Promise.resolve(all.slice(i, i + 50));
  },
});

/** A context for fitting. */
const context = (over: Partial<FitContext> = {}): FitContext => ({
  seed: 1,
  progress: () => {},
  signal: new AbortController().signal,
  ...over,
});

/** Fits on some rows (the first are also the validation rows). */
export const fitOn = async (
  router: EmbeddingRouter,
  rows: readonly FitRow<Signals>[],
  over: Partial<FitContext> = {},
): Promise<Weights> => {
  const weights = await router.fit?.(
    data(rows),
    data(rows.slice(0, Math.ceil(rows.length / 3))),
    context(over),
  );
  if (weights === undefined) throw new Error('the router has no fit');
  return weights;
};

/** The confidences of some queries. */
export const scores = async (
  router: EmbeddingRouter,
  inputs: readonly RouterInput<Signals>[],
): Promise<readonly Confidence[]> =>
  router.scoreBatch === undefined
    ? inputs.map((one) => router.score?.(one) ?? null)
    : await router.scoreBatch(inputs);

/**
 * Share of new rows on the right side of `middle` after fitting on clusters with that direction.
 */
export async function shareRight(
  router: EmbeddingRouter,
  flip: boolean,
  middle = 0,
): Promise<number> {
  await router.restore?.(await fitOn(router, clouds(300, 1, flip)));
  const rows = clouds(200, 3, flip);
  const got = await scores(router, rows);
  return (
    rows.filter(({ label }, i) => (got[i] as number) > middle === (label === 1)).length /
    rows.length
  );
}

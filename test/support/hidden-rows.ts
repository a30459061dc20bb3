/** Rows of hidden states to fit probes on, and a fit call. */
import {
  seededRandom,
  type FitContext,
  type FitData,
  type FitRow,
  type HiddenStates,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';

/** The signals of a probe. */
export interface Signals {
  readonly hiddenStates: HiddenStates;
}
type Row = FitRow<Signals>;

/** One query. */
export const input = (
  layers: number,
  dim: number,
  values: ArrayLike<number>,
): RouterInput<Signals> => ({
  query: { text: 'q' },
  signals: { hiddenStates: { layers, dim, values: Float32Array.from(values) } },
});

/** Two clusters that differ in the first coordinate of some layers; by default, of all. */
export function rows(
  count: number,
  seed: number,
  shape: {
    readonly layers?: number;
    readonly dim?: number;
    readonly telling?: readonly number[];
    readonly flip?: boolean;
  } = {},
): readonly Row[] {
  const { layers = 3, dim = 4, telling, flip = false } = shape;
  const random = seededRandom(seed);
  return Array.from({ length: count }, (): Row => {
    const label = random.float() < 0.5 ? 1 : 0;
    const side = (label === 1) !== flip ? 1 : -1;
    const values = Float32Array.from(
      { length: layers * dim },
      (_, i) =>
        random.normal() * 0.5 +
        (i % dim === 0 && (telling === undefined || telling.includes(Math.floor(i / dim)))
          ? side
          : 0),
    );
    return { ...input(layers, dim, values), label };
  });
}

/** Rows as the harness passes them, in blocks. */
export const data = (all: readonly Row[], blockRows = 50): FitData<Signals> => ({
  rows: all.length,
  async *blocks() {
    for (let i = 0; i < all.length; i += blockRows)
      yield await Promise.resolve(all.slice(i, i + blockRows));
  },
});

/** A context without a checkpoint. */
export const context = (over: Partial<FitContext> = {}): FitContext => ({
  seed: 1,
  progress: () => {},
  signal: new AbortController().signal,
  ...over,
});

/** Fits on 300 rows. */
export const fit = async (
  router: Router<Signals>,
  shape: Parameters<typeof rows>[2] = {},
  over: Partial<FitContext> = {},
): Promise<Weights> => {
  if (router.fit === undefined) throw new Error('it has no fit method');
  return await router.fit(data(rows(300, 1, shape)), data(rows(100, 2, shape)), context(over));
};

/** Share of new rows that a router puts on the right side of 0. */
export function accuracy(router: Router<Signals>, shape: Parameters<typeof rows>[2] = {}): number {
  const all = rows(200, 3, shape);
  return (
    all.filter((row) => (router.score?.(row) as number) > 0 === (row.label === 1)).length /
    all.length
  );
}

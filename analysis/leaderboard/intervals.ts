/**
 * Intervals of averages, rank ranges and the smallest detectable gap, from the resampled metrics of
 * every router and set.
 */
import type {
  LeaderboardColumn,
  LeaderboardRow,
  Measured,
  MetricMap,
  RouterResult,
  Uncertainty,
} from '../../storage/results/types.js';
import { rankRanges, type RankRange } from '../statistics/ranks.js';
import { interval } from '../statistics/spread.js';
import { AUROC_DROP, explainUntested, findColumnSupport } from './column-support.js';

/** Resampled metrics: [resample · metrics]. */
export interface Resampled {
  readonly level: number;
  readonly resamples: number;
  /** Names of the metrics, in the order of the values. */
  readonly metrics: readonly string[];
  /** Lowest and highest value of the metrics that have bounds. */
  readonly ranges?: ReadonlyMap<string, readonly [number, number]>;
  /** The resamples of a result; undefined where there are none. */
  readonly getValues: (result: RouterResult) => Float32Array | undefined;
}

/** Resampled metrics of a set; undefined where there are none. */
export type GetSetResamples = (dataset: string) => Float32Array | undefined;

/** The number of resamples and the metrics that were resampled. */
export type ResampledShape = Pick<Resampled, 'resamples' | 'metrics'>;

/** Resamples of one metric of one router in one column; null where a set of the column has none. */
export function columnResamples(
  columns: readonly LeaderboardColumn[],
  column: string,
  metric: string,
  shape: ResampledShape,
  getSetResamples: GetSetResamples,
): Float64Array | null {
  if (metric === AUROC_DROP) {
    const [inDomain, outOfDomain] = ['ID AVG', 'OOD AVG'].map((name) =>
      columnResamples(columns, name, 'auroc', shape, getSetResamples),
    );
    if (!inDomain || !outOfDomain) return null;
    return inDomain.map((value, b) => value - (outOfDomain[b] as number));
  }
  const { kind, of: members = [] } = columns.find(({ name }) => name === column) ?? {};
  if (kind === undefined) return null;
  if (kind === 'dataset') {
    const values = getSetResamples(column);
    return values === undefined ? null : pickMetric(values, metric, shape);
  }
  const parts = members.map((name) =>
    columnResamples(columns, name, metric, shape, getSetResamples),
  );
  const sum = new Float64Array(shape.resamples);
  for (const part of parts) {
    if (part === null || part.length !== sum.length) return null;
    for (let b = 0; b < sum.length; b++)
      sum[b] = (sum[b] as number) + (part[b] as number) / parts.length;
  }
  return sum;
}

/** Resamples of one metric; null where the values do not match the shape. */
function pickMetric(
  values: Float32Array,
  metric: string,
  { resamples, metrics }: ResampledShape,
): Float64Array | null {
  const index = metrics.indexOf(metric);
  if (index === -1 || values.length !== resamples * metrics.length) return null;
  return Float64Array.from(
    { length: resamples },
    (_, b) => values[b * metrics.length + index] as number,
  );
}

const groupBySet =
  (routerResults: readonly RouterResult[], { getValues }: Resampled): GetSetResamples =>
  (dataset) => {
    const result = routerResults.find((item) => item.dataset === dataset);
    return result === undefined ? undefined : getValues(result);
  };

/** Why an average has no interval where it is not known better. */
const NO_RESAMPLES = 'a set of the average has none';

/** Adds intervals to the averages. The metrics of single sets have theirs already. */
export function withColumnIntervals(
  metrics: Readonly<Record<string, MetricMap>>,
  routerResults: readonly RouterResult[],
  columns: readonly LeaderboardColumn[],
  resampled: Resampled,
): Readonly<Record<string, MetricMap>> {
  const addInterval = (column: string, metric: string, measured: Measured): Measured => {
    if (measured.value === null) return measured;
    const values = columnResamples(
      columns,
      column,
      metric,
      resampled,
      groupBySet(routerResults, resampled),
    );
    const { noCi, rarerLabel } = findColumnSupport(routerResults, columns, column, metric);
    if (values === null || noCi !== undefined) return { ...measured, noCi: noCi ?? NO_RESAMPLES };
    const range = resampled.ranges?.get(metric);
    const around = interval(
      {
        value: measured.value,
        resamples: values,
        rarerLabel,
        isAuroc: metric === 'auroc',
        ...(range === undefined ? {} : { range }),
      },
      resampled.level,
    );
    return 'reason' in around
      ? { ...measured, noCi: around.reason }
      : { ...measured, ci: [around.low, around.high] };
  };
  return Object.fromEntries(
    Object.entries(metrics).map(([column, map]) => {
      if (columns.find(({ name }) => name === column)?.kind === 'dataset') return [column, map];
      return [
        column,
        Object.fromEntries(
          Object.entries(map).map(([metric, measured]) => [
            metric,
            addInterval(column, metric, measured),
          ]),
        ),
      ];
    }),
  );
}

/**
 * Tests all pairs of ranked routers on the headline metric, and adds the range of possible ranks to
 * each row.
 */
export function withRankRanges(
  ranked: readonly LeaderboardRow[],
  results: readonly RouterResult[],
  columns: readonly LeaderboardColumn[],
  by: { readonly metric: string; readonly column: string; readonly sign: 1 | -1 },
  resampled: Resampled,
): { readonly rows: readonly LeaderboardRow[]; readonly uncertainty: Uncertainty } {
  const contenders = ranked.map(({ router, metrics, routing }) => {
    const own = results.filter((result) => result.router === router);
    const { noCi, rarerLabel } = findColumnSupport(own, columns, by.column, by.metric);
    const getSetResamples = groupBySet(own, resampled);
    const resamples =
      noCi === undefined
        ? columnResamples(columns, by.column, by.metric, resampled, getSetResamples)
        : null;
    return {
      class: routing?.decides,
      value: by.sign * (metrics[by.column]?.[by.metric]?.value ?? NaN),
      resamples: resamples?.map((value) => by.sign * value) ?? null,
      rarerLabel,
      router,
      noCi: resamples === null ? (noCi ?? NO_RESAMPLES) : null,
    };
  });
  const { ranges, withinClass, detectableGap, pairs } = rankRanges(contenders, resampled.level);
  const untested = contenders.length < 2 ? undefined : explainUntested(contenders);
  return {
    rows: ranked.map((row, i) => {
      const { rank, ...rest } = row;
      const { router, plugin, package: from, version, control, seeds, routing, ...others } = rest;
      return {
        router,
        plugin,
        package: from,
        version,
        control,
        seeds,
        rank,
        ...(contenders.length < 2 ? {} : { rankRange: ranges[i] as RankRange }),
        ...others,
        ...(routing === undefined
          ? {}
          : {
              routing:
                contenders.length < 2
                  ? routing
                  : { ...routing, rankRange: withinClass[i] as RankRange },
            }),
      };
    }),
    uncertainty: {
      resamples: resampled.resamples,
      level: resampled.level,
      pairs,
      detectableGap,
      ...(untested === undefined ? {} : { untested }),
    },
  };
}

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
import { spread } from '../statistics/spread.js';

/** Resampled metrics: [resample · metrics]. */
export interface Resampled {
  readonly level: number;
  readonly resamples: number;
  /** Names of the metrics, in the order of the values. */
  readonly metrics: readonly string[];
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
  if (metric === 'auroc-drop') {
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
    if (values === null) return { ...measured, noCi: 'a set of the average has none' };
    const interval = spread(values, resampled.level);
    return 'reason' in interval
      ? { ...measured, noCi: interval.reason }
      : { ...measured, ci: [interval.low, interval.high] };
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
  const { ranges, withinClass, detectableGap, pairs } = rankRanges(
    ranked.map(({ router, metrics, routing }) => ({
      class: routing?.decides,
      value: by.sign * (metrics[by.column]?.[by.metric]?.value ?? NaN),
      resamples:
        columnResamples(
          columns,
          by.column,
          by.metric,
          resampled,
          groupBySet(
            results.filter((result) => result.router === router),
            resampled,
          ),
        )?.map((value) => by.sign * value) ?? null,
    })),
    resampled.level,
  );
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
        ...(pairs === 0 ? {} : { rankRange: ranges[i] as RankRange }),
        ...others,
        ...(routing === undefined
          ? {}
          : {
              routing:
                pairs === 0 ? routing : { ...routing, rankRange: withinClass[i] as RankRange },
            }),
      };
    }),
    uncertainty: { resamples: resampled.resamples, level: resampled.level, pairs, detectableGap },
  };
}

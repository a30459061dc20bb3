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
import { rankRanges } from '../statistics/ranks.js';
import { spread } from '../statistics/spread.js';
import { METRIC_NAMES } from '../statistics/weighted-metrics.js';

/** Resampled metrics: [resample · metrics], metrics in the order of METRIC_NAMES. */
export interface Resampled {
  readonly level: number;
  readonly resamples: number;
  /** Undefined where there are none. */
  readonly getValues: (result: RouterResult) => Float32Array | undefined;
}

/** Resampled metrics of a set; undefined where there are none. */
export type GetSetResamples = (dataset: string) => Float32Array | undefined;

/** Resamples of one metric of one router in one column; null where a set of the column has none. */
export function columnResamples(
  columns: readonly LeaderboardColumn[],
  column: string,
  metric: string,
  resamples: number,
  ofSet: GetSetResamples,
): Float64Array | null {
  if (metric === 'auroc-drop') {
    const [near, far] = ['ID AVG', 'OOD AVG'].map((name) =>
      columnResamples(columns, name, 'auroc', resamples, ofSet),
    );
    return near && far ? near.map((value, b) => value - (far[b] as number)) : null;
  }
  const { kind, of: members = [] } = columns.find(({ name }) => name === column) ?? {};
  if (kind === undefined) return null;
  if (kind === 'dataset') {
    const values = ofSet(column);
    const index = METRIC_NAMES.indexOf(metric);
    if (values === undefined || index === -1) return null;
    return Float64Array.from(
      { length: values.length / METRIC_NAMES.length },
      (_, b) => values[b * METRIC_NAMES.length + index] as number,
    );
  }
  const parts = members.map((name) => columnResamples(columns, name, metric, resamples, ofSet));
  const sum = new Float64Array(resamples);
  for (const part of parts) {
    if (part === null || part.length !== sum.length) return null;
    for (let b = 0; b < sum.length; b++)
      sum[b] = (sum[b] as number) + (part[b] as number) / parts.length;
  }
  return sum;
}

const groupBySet =
  (routerResults: readonly RouterResult[], { getValues }: Resampled): GetSetResamples =>
  (dataset) => {
    const result = routerResults.find((item) => item.dataset === dataset);
    return result === undefined ? undefined : getValues(result);
  };

/** Puts intervals on the averages; those of sets are in their results already. */
export function withColumnIntervals(
  metrics: Readonly<Record<string, MetricMap>>,
  routerResults: readonly RouterResult[],
  columns: readonly LeaderboardColumn[],
  resampled: Resampled,
): Readonly<Record<string, MetricMap>> {
  const interval = (column: string, metric: string, measured: Measured): Measured => {
    if (measured.value === null) return measured;
    const values = columnResamples(
      columns,
      column,
      metric,
      resampled.resamples,
      groupBySet(routerResults, resampled),
    );
    if (values === null) return { ...measured, noCi: 'a set of the average has none' };
    const around = spread(values, resampled.level);
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
            interval(column, metric, measured),
          ]),
        ),
      ];
    }),
  );
}

/** Tests all pairs of ranked routers on the headline. */
export function withRankRanges(
  ranked: readonly LeaderboardRow[],
  results: readonly RouterResult[],
  columns: readonly LeaderboardColumn[],
  by: { readonly metric: string; readonly column: string; readonly sign: 1 | -1 },
  resampled: Resampled,
): { readonly rows: readonly LeaderboardRow[]; readonly uncertainty: Uncertainty } {
  const { ranges, detectableGap, pairs } = rankRanges(
    ranked.map(({ router, metrics }) => ({
      value: by.sign * (metrics[by.column]?.[by.metric]?.value ?? NaN),
      resamples:
        columnResamples(
          columns,
          by.column,
          by.metric,
          resampled.resamples,
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
      const { router, plugin, package: from, version, control, seeds, ...others } = rest;
      return {
        router,
        plugin,
        package: from,
        version,
        control,
        seeds,
        rank,
        ...(pairs === 0 ? {} : { rankRange: ranges[i] as readonly [number, number] }),
        ...others,
      };
    }),
    uncertainty: { resamples: resampled.resamples, level: resampled.level, pairs, detectableGap },
  };
}

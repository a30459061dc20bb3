/** Results of all routers → the board: columns, averages, ranks. */
import type { ResolvedConfig } from '../../core/config-schema.js';
import type {
  LeaderboardColumn,
  LeaderboardRow,
  Leaderboard,
  Measured,
  MetricMap,
  RouterResult,
} from '../../storage/results/types.js';
import type { MetricDefinition } from '../../core/definitions.js';
import type { JsonObject } from '../../core/util/json.js';
import { summariseRobustness } from './robustness.js';
import { withColumnIntervals, withRankRanges, type Resampled } from './intervals.js';

/** What the board is made by. */
export interface LeaderboardOptions {
  readonly run: string;
  readonly rankedBy: { readonly metric: string; readonly column: string };
  readonly higherIsBetter: boolean;
  readonly provenance: JsonObject;
  /** Left out = no intervals. */
  readonly resampled?: Resampled;
}

const ID_AVG = 'ID AVG';
const OOD_AVG = 'OOD AVG';

/** The fall of AUROC from in domain to out of domain: a value of the out-of-domain average. */
export const AUROC_DROP = 'auroc-drop';

/** Options as the config says; the default is auroc on the out-of-domain average. */
export function getLeaderboardOptions(
  config: ResolvedConfig,
  metrics: readonly MetricDefinition[],
  provenance: JsonObject,
): LeaderboardOptions {
  const rankedBy = config.protocol.rankBy ?? {
    metric: 'auroc',
    column: config.datasets.outOfDomain.length > 0 ? OOD_AVG : ID_AVG,
  };
  return {
    run: config.name,
    rankedBy,
    higherIsBetter: metrics.find(({ name }) => name === rankedBy.metric)?.better !== 'lower',
    provenance,
  };
}

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

/** Columns of one role: its sets in order, a group's sets under its name, then the average. */
export function buildColumns(
  results: readonly Pick<RouterResult, 'dataset' | 'role' | 'group'>[],
  role: LeaderboardColumn['role'],
): readonly LeaderboardColumn[] {
  const sets = results.filter((result) => result.role === role);
  if (sets.length === 0) return [];
  const columns: LeaderboardColumn[] = [];
  const shown: string[] = [];
  for (const name of unique(sets.map(({ dataset }) => dataset))) {
    const group = sets.find(({ dataset }) => dataset === name)?.group ?? null;
    columns.push({ name, role, kind: 'dataset', of: [] });
    if (group === null) shown.push(name);
    else if (!shown.includes(group)) shown.push(group);
  }
  for (const group of unique(sets.map((result) => result.group))) {
    if (group !== null)
      columns.push({
        name: group,
        role,
        kind: 'group',
        of: unique(sets.filter((result) => result.group === group).map(({ dataset }) => dataset)),
      });
  }
  return [
    ...columns,
    { name: role === 'in-domain' ? ID_AVG : OOD_AVG, role, kind: 'average', of: shown },
  ];
}

/** Plain mean over columns; null where one of them is missing or null. */
function computeMean(
  metrics: Readonly<Record<string, MetricMap>>,
  columns: readonly string[],
  metric: string,
): Measured {
  const cells = columns.map((column) => ({
    column,
    cell: metrics[column]?.[metric] ?? ({ value: null, reason: 'not measured' } as const),
  }));
  const missing = cells.flatMap(({ column, cell }) =>
    cell.value === null ? [{ column, reason: cell.reason }] : [],
  );
  const [first] = missing;
  if (first === undefined)
    return { value: cells.reduce((sum, { cell }) => sum + (cell.value ?? 0), 0) / cells.length };
  const sameReason =
    missing.length === cells.length && missing.every(({ reason }) => reason === first.reason);
  return { value: null, reason: sameReason ? first.reason : `${first.column}: ${first.reason}` };
}

/**
 * Rows of one router → its metrics in every column; the averages carry the drop from in domain to
 * out of domain.
 */
export function metricsByColumn(
  results: readonly Pick<RouterResult, 'dataset' | 'metrics'>[],
  columns: readonly LeaderboardColumn[],
): Readonly<Record<string, MetricMap>> {
  const metrics: Record<string, MetricMap> = {};
  const names = unique(results.flatMap((result) => Object.keys(result.metrics)));
  for (const { name, kind, of: members } of columns) {
    if (kind !== 'dataset')
      metrics[name] = Object.fromEntries(
        names.map((metric) => [metric, computeMean(metrics, members, metric)]),
      );
    else {
      const result = results.find(({ dataset }) => dataset === name);
      if (result !== undefined) metrics[name] = result.metrics;
    }
  }
  const [near, far] = [metrics[ID_AVG]?.['auroc'], metrics[OOD_AVG]?.['auroc']];
  if (near !== undefined && far !== undefined) {
    const missing = near.value === null ? near : far.value === null ? far : null;
    const drop: Measured = missing ?? { value: (near.value as number) - (far.value as number) };
    metrics[OOD_AVG] = { ...metrics[OOD_AVG], [AUROC_DROP]: drop };
  }
  return metrics;
}

/**
 * Builds the board. Ranked routers come first, best first; then the unranked ones; the controls
 * last.
 */
export function buildLeaderboard(
  results: readonly RouterResult[],
  options: LeaderboardOptions,
): Leaderboard {
  const columns = [
    ...buildColumns(results, 'in-domain'),
    ...buildColumns(results, 'out-of-domain'),
  ];
  const { metric, column } = options.rankedBy;
  const rows = unique(results.map(({ router }) => router)).map((router): LeaderboardRow => {
    const routerResults = results.filter((result) => result.router === router);
    const [first] = routerResults as [RouterResult, ...RouterResult[]];
    const values = metricsByColumn(routerResults, columns);
    const control = first.plugin === null;
    const metrics =
      options.resampled === undefined || control
        ? values
        : withColumnIntervals(values, routerResults, columns, options.resampled);
    const headline = metrics[column]?.[metric];
    const bad = routerResults.find(({ unranked }) => unranked !== null);
    const reason =
      bad !== undefined
        ? `${bad.dataset}: ${bad.unranked ?? ''}`
        : headline === undefined
          ? `${metric} on ${column} is missing`
          : headline.value === null
            ? headline.reason
            : null;
    // nothing kept such a router from labels, so its numbers stand beside those that are verified,
    // not among them
    const unverifiedReason =
      routerResults.find((result) => typeof result.unverifiedReason === 'string')
        ?.unverifiedReason ?? null;
    const lookUp =
      routerResults.find(({ robustness }) => typeof robustness?.lookUp === 'string')?.robustness
        ?.lookUp ?? null;
    const unverified =
      unverifiedReason !== null
        ? `only self-reported: ${unverifiedReason}`
        : lookUp !== null
          ? `behaves as a look-up table: ${lookUp}`
          : null;
    const partial = unique(routerResults.flatMap(({ partialSignals }) => partialSignals ?? []));
    return {
      router,
      plugin: first.plugin,
      package: first.package,
      version: first.version,
      control,
      seeds: first.seeds.flatMap(({ seed }) => (seed === null ? [] : [seed])),
      rank: null,
      unranked: control ? null : (reason ?? unverified),
      unverifiedReason,
      ...(partial.length === 0 ? {} : { partialSignals: partial }),
      metrics,
      ...(routerResults.some(({ transfer }) => transfer !== undefined)
        ? {
            transfer: Object.fromEntries(
              routerResults.flatMap(({ dataset, transfer }) =>
                transfer === undefined ? [] : [[dataset, transfer]],
              ),
            ),
          }
        : {}),
      ...(routerResults.some(({ robustness }) => robustness !== undefined)
        ? {
            robustness: Object.fromEntries(
              routerResults.flatMap(({ dataset, robustness }) =>
                robustness === undefined ? [] : [[dataset, summariseRobustness(robustness)]],
              ),
            ),
          }
        : {}),
    };
  });
  const headline = (row: LeaderboardRow): number => row.metrics[column]?.[metric]?.value ?? NaN;
  const better = options.higherIsBetter ? 1 : -1;
  const ranked = rows
    .filter(({ control, unranked }) => !control && unranked === null)
    .sort((a, b) => better * (headline(b) - headline(a)) || (a.router < b.router ? -1 : 1));
  const inOrder = ranked.map((row) => ({
    ...row,
    rank: 1 + ranked.filter((other) => better * (headline(other) - headline(row)) > 1e-12).length,
  }));
  const tested =
    options.resampled === undefined
      ? { rows: inOrder }
      : withRankRanges(
          inOrder,
          results,
          columns,
          { metric, column, sign: better },
          options.resampled,
        );
  const byName = (a: LeaderboardRow, b: LeaderboardRow): number => (a.router < b.router ? -1 : 1);
  return {
    schema: 1,
    run: options.run,
    rankedBy: options.rankedBy,
    ...('uncertainty' in tested ? { uncertainty: tested.uncertainty } : {}),
    columns,
    rows: [
      ...tested.rows,
      ...rows.filter(({ control, unranked }) => !control && unranked !== null).sort(byName),
      ...rows.filter(({ control }) => control),
    ],
    provenance: options.provenance,
  };
}

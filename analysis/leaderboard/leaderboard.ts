/** Builds the leaderboard from the results of all routers: columns, averages, ranks. */
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
import { AUROC_DROP } from './column-support.js';
import { summarizeRouting } from './routing.js';
import { withColumnIntervals, withRankRanges, type Resampled } from './intervals.js';

/** How to build the leaderboard. */
export interface LeaderboardOptions {
  readonly run: string;
  readonly rankedBy: { readonly metric: string; readonly column: string };
  readonly higherIsBetter: boolean;
  readonly provenance: JsonObject;
  /** Leave it out for a leaderboard without intervals. */
  readonly resampled?: Resampled;
}

const ID_AVG = 'ID AVG';
const OOD_AVG = 'OOD AVG';

/** Reads the options from the config; the default ranks by auroc on the out-of-domain average. */
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

/** Columns of one role: its sets in order, then its groups, then the average. */
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

/** Plain mean over columns; null where any of them is missing or null. */
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
 * Metrics of one router in every column. The out-of-domain average also has the drop of AUROC from
 * in domain to out of domain.
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
  const [inDomain, outOfDomain] = [metrics[ID_AVG]?.['auroc'], metrics[OOD_AVG]?.['auroc']];
  if (inDomain !== undefined && outOfDomain !== undefined)
    metrics[OOD_AVG] = {
      ...metrics[OOD_AVG],
      [AUROC_DROP]: computeDrop(inDomain, outOfDomain),
    };
  return metrics;
}

/** The difference of two values; null, with the reason, where one of them is null. */
function computeDrop(inDomain: Measured, outOfDomain: Measured): Measured {
  if (inDomain.value === null) return inDomain;
  if (outOfDomain.value === null) return outOfDomain;
  return { value: inDomain.value - outOfDomain.value };
}

/** Why the results allow no rank: a set that is not ranked, or no headline; null where they do. */
function findUnrankedReason(
  results: readonly RouterResult[],
  headline: Measured | undefined,
  { metric, column }: LeaderboardOptions['rankedBy'],
): string | null {
  const unrankedResult = results.find(({ unranked }) => unranked !== null);
  if (unrankedResult !== undefined)
    return `${unrankedResult.dataset}: ${unrankedResult.unranked ?? ''}`;
  if (headline === undefined) return `${metric} on ${column} is missing`;
  return headline.value === null ? headline.reason : null;
}

/** Why the numbers of a router cannot be trusted enough to rank it; null where they can. */
function findDistrustReason(
  results: readonly RouterResult[],
  unverifiedReason: string | null,
): string | null {
  if (unverifiedReason !== null) return `unverified: ${unverifiedReason}`;
  const lookUp = results.find(({ robustness }) => typeof robustness?.lookUp === 'string')
    ?.robustness?.lookUp;
  return typeof lookUp === 'string' ? `behaves as a look-up table: ${lookUp}` : null;
}

/** Test set → a value of its result; undefined where no result has the value. */
function collectBySet<T>(
  results: readonly RouterResult[],
  getValue: (result: RouterResult) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  const entries = results.flatMap((result): readonly (readonly [string, T])[] => {
    const value = getValue(result);
    return value === undefined ? [] : [[result.dataset, value]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The row of one router or control, without its rank. */
function buildRow(
  router: string,
  results: readonly RouterResult[],
  columns: readonly LeaderboardColumn[],
  { rankedBy, resampled }: LeaderboardOptions,
): LeaderboardRow {
  const [first] = results as [RouterResult, ...RouterResult[]];
  const values = metricsByColumn(results, columns);
  const control = first.plugin === null;
  const metrics =
    resampled === undefined || control
      ? values
      : withColumnIntervals(values, results, columns, resampled);
  const reason = findUnrankedReason(results, metrics[rankedBy.column]?.[rankedBy.metric], rankedBy);
  // The sandbox did not keep such a router from the labels: it is listed, but not ranked.
  const unverifiedReason =
    results.find((result) => typeof result.unverifiedReason === 'string')?.unverifiedReason ?? null;
  const partialSignals = unique(results.flatMap((result) => result.partialSignals ?? []));
  const routing = summarizeRouting(results);
  const fitLimit = first.seeds.flatMap(({ seed, fit }) =>
    seed !== null && fit?.['ended'] === 'limit' ? [seed] : [],
  );
  const transfer = collectBySet(results, (result) => result.transfer);
  const robustness = collectBySet(
    results,
    (result) => result.robustness && summariseRobustness(result.robustness),
  );
  return {
    router,
    plugin: first.plugin,
    package: first.package,
    version: first.version,
    control,
    seeds: first.seeds.flatMap(({ seed }) => (seed === null ? [] : [seed])),
    rank: null,
    unranked: control ? null : (reason ?? findDistrustReason(results, unverifiedReason)),
    unverifiedReason,
    ...(partialSignals.length === 0 ? {} : { partialSignals }),
    ...(routing === undefined ? {} : { routing }),
    ...(first.chosen === undefined ? {} : { chosen: first.chosen }),
    ...(fitLimit.length === 0 ? {} : { fitLimit }),
    metrics,
    ...(transfer === undefined ? {} : { transfer }),
    ...(robustness === undefined ? {} : { robustness }),
  };
}

const compareNames = (a: LeaderboardRow, b: LeaderboardRow): number =>
  a.router < b.router ? -1 : 1;

/** Sorts rows by their headline, best first, and numbers them; equal headlines share a rank. */
function rankRows(
  rows: readonly LeaderboardRow[],
  { rankedBy: { metric, column }, higherIsBetter }: LeaderboardOptions,
): readonly LeaderboardRow[] {
  const sign = higherIsBetter ? 1 : -1;
  const getHeadline = (row: LeaderboardRow): number => row.metrics[column]?.[metric]?.value ?? NaN;
  const rankAmong = (row: LeaderboardRow, others: readonly LeaderboardRow[]): number =>
    1 + others.filter((other) => sign * (getHeadline(other) - getHeadline(row)) > 1e-12).length;
  return [...rows]
    .sort((a, b) => sign * (getHeadline(b) - getHeadline(a)) || compareNames(a, b))
    .map((row) => ({ ...row, rank: rankAmong(row, rows) }))
    .map(({ routing, ...row }) =>
      routing === undefined
        ? row
        : {
            ...row,
            routing: {
              ...routing,
              rank: rankAmong(
                row,
                rows.filter((other) => other.routing?.decides === routing.decides),
              ),
            },
          },
    );
}

/**
 * Builds the leaderboard. Ranked routers come first, best first; then the unranked ones; the
 * controls last.
 */
export function buildLeaderboard(
  results: readonly RouterResult[],
  options: LeaderboardOptions,
): Leaderboard {
  const { run, rankedBy, higherIsBetter, resampled, provenance } = options;
  const columns = [
    ...buildColumns(results, 'in-domain'),
    ...buildColumns(results, 'out-of-domain'),
  ];
  const rows = unique(results.map(({ router }) => router)).map((router) =>
    buildRow(
      router,
      results.filter((result) => result.router === router),
      columns,
      options,
    ),
  );
  const ranked = rankRows(
    rows.filter(({ control, unranked }) => !control && unranked === null),
    options,
  );
  const by = { ...rankedBy, sign: higherIsBetter ? 1 : -1 } as const;
  const tested =
    resampled === undefined
      ? { rows: ranked }
      : withRankRanges(ranked, results, columns, by, resampled);
  return {
    schema: 1,
    run,
    rankedBy,
    ...('uncertainty' in tested ? { uncertainty: tested.uncertainty } : {}),
    columns,
    rows: [
      ...tested.rows,
      ...rows.filter(({ control, unranked }) => !control && unranked !== null).sort(compareNames),
      ...rows.filter(({ control }) => control),
    ],
    provenance,
  };
}

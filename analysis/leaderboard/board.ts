/** Results of all routers → the board: columns, averages, ranks. */
import type { ResolvedConfig } from '../../core/config-schema.js';
import type {
  BoardColumn,
  BoardRow,
  Leaderboard,
  Measured,
  MetricMap,
  RouterResult,
} from '../../storage/results/types.js';
import type { JsonObject } from '../../core/util/json.js';
import { boardRobustness } from './robustness.js';
import { withColumnIntervals, withRankRanges, type Resampled } from './intervals.js';

/** What the board is made by. */
export interface BoardOptions {
  readonly run: string;
  readonly rankedBy: { readonly metric: string; readonly column: string };
  readonly higherIsBetter: boolean;
  readonly provenance: JsonObject;
  /** Left out = no intervals. */
  readonly resampled?: Resampled;
}

const ID_AVG = 'ID AVG';
const OOD_AVG = 'OOD AVG';

/** Options as the config says; the default is auroc on the out-of-domain average. */
export function boardOptions(
  config: ResolvedConfig,
  lowerIsBetter: readonly string[],
  provenance: JsonObject,
): BoardOptions {
  const rankedBy = config.protocol.rankBy ?? {
    metric: 'auroc',
    column: config.datasets.outOfDomain.length > 0 ? OOD_AVG : ID_AVG,
  };
  return {
    run: config.name,
    rankedBy,
    higherIsBetter: !lowerIsBetter.includes(rankedBy.metric),
    provenance,
  };
}

const unique = <T>(items: readonly T[]): readonly T[] => [...new Set(items)];

/** Columns of one role: its sets in order, a group's sets under its name, then the average. */
export function columnsOf(
  results: readonly Pick<RouterResult, 'dataset' | 'role' | 'group'>[],
  role: BoardColumn['role'],
): readonly BoardColumn[] {
  const sets = results.filter((result) => result.role === role);
  if (sets.length === 0) return [];
  const columns: BoardColumn[] = [];
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
function meanOf(
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
  const one =
    missing.length === cells.length && missing.every(({ reason }) => reason === first.reason);
  return { value: null, reason: one ? first.reason : `${first.column}: ${first.reason}` };
}

/**
 * Rows of one router → its metrics in every column; the averages carry the drop from in domain to
 * out of domain.
 */
export function metricsByColumn(
  own: readonly Pick<RouterResult, 'dataset' | 'metrics'>[],
  columns: readonly BoardColumn[],
): Readonly<Record<string, MetricMap>> {
  const metrics: Record<string, MetricMap> = {};
  const names = unique(own.flatMap((result) => Object.keys(result.metrics)));
  for (const { name, kind, of } of columns) {
    if (kind !== 'dataset')
      metrics[name] = Object.fromEntries(
        names.map((metric) => [metric, meanOf(metrics, of, metric)]),
      );
    else {
      const result = own.find(({ dataset }) => dataset === name);
      if (result !== undefined) metrics[name] = result.metrics;
    }
  }
  const [near, far] = [metrics[ID_AVG]?.['auroc'], metrics[OOD_AVG]?.['auroc']];
  if (near !== undefined && far !== undefined) {
    const missing = near.value === null ? near : far.value === null ? far : null;
    const drop: Measured = missing ?? { value: (near.value as number) - (far.value as number) };
    metrics[OOD_AVG] = { ...metrics[OOD_AVG], 'auroc-drop': drop };
  }
  return metrics;
}

/**
 * Builds the board. Ranked routers come first, best first; then the unranked ones; the controls
 * last.
 */
export function buildLeaderboard(
  results: readonly RouterResult[],
  options: BoardOptions,
): Leaderboard {
  const columns = [...columnsOf(results, 'in-domain'), ...columnsOf(results, 'out-of-domain')];
  const { metric, column } = options.rankedBy;
  const rows = unique(results.map(({ router }) => router)).map((router): BoardRow => {
    const own = results.filter((result) => result.router === router);
    const [first] = own as [RouterResult, ...RouterResult[]];
    const values = metricsByColumn(own, columns);
    const control = first.plugin === null;
    const metrics =
      options.resampled === undefined || control
        ? values
        : withColumnIntervals(values, own, columns, options.resampled);
    const headline = metrics[column]?.[metric];
    const bad = own.find(({ unranked }) => unranked !== null);
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
    const selfReported =
      own.find((result) => typeof result.selfReported === 'string')?.selfReported ?? null;
    const lookUp =
      own.find(({ robustness }) => typeof robustness?.lookUp === 'string')?.robustness?.lookUp ??
      null;
    const unverified =
      selfReported !== null
        ? `only self-reported: ${selfReported}`
        : lookUp !== null
          ? `behaves as a look-up table: ${lookUp}`
          : null;
    const partial = unique(own.flatMap(({ partialSignals }) => partialSignals ?? []));
    return {
      router,
      plugin: first.plugin,
      package: first.package,
      version: first.version,
      control,
      seeds: first.seeds.flatMap(({ seed }) => (seed === null ? [] : [seed])),
      rank: null,
      unranked: control ? null : (reason ?? unverified),
      selfReported,
      ...(partial.length === 0 ? {} : { partialSignals: partial }),
      metrics,
      ...(own.some(({ transfer }) => transfer !== undefined)
        ? {
            transfer: Object.fromEntries(
              own.flatMap(({ dataset, transfer }) =>
                transfer === undefined ? [] : [[dataset, transfer]],
              ),
            ),
          }
        : {}),
      ...(own.some(({ robustness }) => robustness !== undefined)
        ? {
            robustness: Object.fromEntries(
              own.flatMap(({ dataset, robustness }) =>
                robustness === undefined ? [] : [[dataset, boardRobustness(robustness)]],
              ),
            ),
          }
        : {}),
    };
  });
  const headline = (row: BoardRow): number => row.metrics[column]?.[metric]?.value ?? NaN;
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
  const byName = (a: BoardRow, b: BoardRow): number => (a.router < b.router ? -1 : 1);
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

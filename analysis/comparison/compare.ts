/** Differences of two sides, router by router: paired wherever both sides have rows. */
import type { MetricDefinition } from '../../core/definitions.js';
import type { MetricSettings } from '../metrics/types.js';
import { buildColumns, metricsByColumn } from '../leaderboard/leaderboard.js';
import { columnResamples } from '../leaderboard/intervals.js';
import type { ComparedRun } from './compared-run.js';
import type {
  LeaderboardColumn,
  Measured,
  ComparedCell,
  ComparedSet,
} from '../../storage/results/types.js';
import type { Resample } from '../statistics/resample-job.js';
import { delong } from '../statistics/delong.js';
import { normalQuantile, normalTail } from '../statistics/normal.js';
import { FEWEST_CLUSTERS, pAtLeast, pDifferent, spread } from '../statistics/spread.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import { findFlips, type Flips } from './flips.js';
import { findCell, pairedRows, type PairedRows } from './pairs.js';

/**
 * How a difference is known. identical: the same confidences on the same rows, so it is 0. paired:
 * from rows of both sides. unpaired: from two intervals as if the two
 * had met different queries, which is far less sharp.
 */
export type Pairing = 'identical' | 'paired' | 'unpaired';

/** After minus before, of one metric of one router in one column. */
export interface Difference {
  readonly router: string;
  readonly column: string;
  readonly metric: string;
  readonly higherIsBetter: boolean;
  readonly before: number | null;
  readonly after: number | null;
  readonly difference: number | null;
  readonly pairing: Pairing;
  readonly ci?: readonly [low: number, high: number];
  /** Two-sided p value of no difference. */
  readonly p?: number;
  /**
   * The same by DeLong's closed form, where it holds: auroc of one set, one training seed, no
   * clusters.
   */
  readonly delong?: number;
  /** Why there is no difference or no interval. */
  readonly reason?: string;
  /**
   * One-sided p value that after is not worse than before by more than a margin; null where it
   * cannot be told.
   */
  readonly pNotWorse: (margin: number) => number | null;
}

/** What to compare. */
export interface CompareOptions {
  readonly metrics: readonly string[];
  /** All metrics of the project, in the order of what `resample` returns. */
  readonly definitions: readonly MetricDefinition[];
  /** Left out = all that both sides have. */
  readonly routers?: readonly string[] | undefined;
  readonly statistics: {
    readonly resamples: number;
    readonly level: number;
    readonly seed: number;
  };
  /** Left out = flips are not looked at. */
  readonly flips?: { readonly callRate: number; readonly most: number };
  readonly signal: AbortSignal;
  readonly advance: (resamples: number) => void;
  /** Does the resampling, on however many threads. */
  readonly resample: Resample;
}

/** Two sides compared. */
export interface Comparison {
  readonly columns: readonly LeaderboardColumn[];
  readonly differences: readonly Difference[];
  readonly flips: readonly Flips[];
  /** Routers and sets of one side only. */
  readonly only: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/**
 * Whether rows tell a metric on both sides: ranks have no probabilities, and not every cost is
 * known.
 */
const tells = (
  { ranksOnly, costs }: PairedRows,
  needs: MetricDefinition['needs'] | undefined,
): boolean => !(ranksOnly && needs === 'probabilities') && !(costs === null && needs === 'costs');

interface Pair {
  readonly router: string;
  readonly dataset: string;
  readonly before: ComparedCell;
  readonly after: ComparedCell;
  readonly identical: boolean;
  readonly rows: PairedRows | null;
  /** After minus before in each resample; undefined where it is not paired. */
  readonly resamples: Float32Array | undefined;
}

/**
 * The confidences were made from the same things, the outcomes are known to be the same, and the
 * decisions cost the same.
 */
const sameConfidences = (
  a: ComparedCell,
  b: ComparedCell,
  [before, after]: readonly [ComparedSet, ComparedSet],
): boolean =>
  a.confidences.length > 0 &&
  a.costs === b.costs &&
  canonicalJson(a.confidences) === canonicalJson(b.confidences) &&
  typeof before.provenance['outcomes'] === 'string' &&
  before.provenance['outcomes'] === after.provenance['outcomes'];

/** Compares routers of one name. The sides must be comparable. */
export async function compare(
  before: ComparedRun,
  after: ComparedRun,
  options: CompareOptions,
): Promise<Comparison> {
  const named = (run: ComparedRun): readonly string[] =>
    [...new Set(run.cells.map(({ router }) => router))].filter(
      (router) => options.routers?.includes(router) ?? true,
    );
  const routers = named(after).filter((router) => named(before).includes(router));
  const sets = after.sets.flatMap((set): readonly (readonly [ComparedSet, ComparedSet])[] => {
    const other = before.sets.find(({ name }) => name === set.name);
    return other === undefined ? [] : [[other, set]];
  });

  const pairs: Pair[] = [];
  for (const set of sets) pairs.push(...(await loadPairs(before, after, set, routers, options)));
  const columns = columnsInOrder(sets.map(([, set]) => set));
  const differences = routers.flatMap((router) => {
    const routerPairs = pairs.filter((pair) => pair.router === router);
    if (routerPairs.length === 0) return [];
    return columns.flatMap(({ name }) =>
      options.metrics.map((metric) =>
        computeDifference(router, name, metric, routerPairs, columns, options),
      ),
    );
  });
  const flips =
    options.flips === undefined
      ? []
      : pairs.flatMap(({ router, dataset, rows, identical }) =>
          rows === null || identical
            ? []
            : [
                findFlips(
                  router,
                  dataset,
                  rows,
                  options.flips?.callRate ?? 0.5,
                  options.flips?.most ?? 0,
                ),
              ],
        );
  const missing = (a: ComparedRun, b: ComparedRun): readonly string[] => [
    ...named(a)
      .filter((router) => !named(b).includes(router))
      .map((router) => `router ${router}`),
    ...a.sets
      .filter(({ name }) => !b.sets.some((set) => set.name === name))
      .map(({ name }) => `set ${name}`),
  ];
  return {
    columns,
    differences,
    flips,
    only: { before: missing(before, after), after: missing(after, before) },
  };
}

const columnsInOrder = (sets: readonly ComparedSet[]): readonly LeaderboardColumn[] => {
  const results = sets.map(({ name, role, group }) => ({ dataset: name, role, group }));
  return [...buildColumns(results, 'in-domain'), ...buildColumns(results, 'out-of-domain')];
};

/** The pairs of one set, resampled on the same draws. */
async function loadPairs(
  before: ComparedRun,
  after: ComparedRun,
  set: readonly [ComparedSet, ComparedSet],
  routers: readonly string[],
  { statistics, signal, advance, resample }: CompareOptions,
): Promise<readonly Pair[]> {
  const [, candidateSet] = set;
  const pairs: Pair[] = [];
  for (const router of routers) {
    const [a, b] = [
      findCell(before, router, candidateSet.name),
      findCell(after, router, candidateSet.name),
    ];
    if (a === undefined || b === undefined) continue;
    const identical = sameConfidences(a, b, set);
    const rows = identical ? null : await pairedRows(before, after, candidateSet, router);
    pairs.push({
      router,
      dataset: candidateSet.name,
      before: a,
      after: b,
      identical,
      rows,
      resamples: undefined,
    });
  }
  const worth = pairs.filter(
    ({ rows }) => rows !== null && rows.shared.clusters >= FEWEST_CLUSTERS,
  );
  const first = worth[0]?.rows?.shared;
  if (first === undefined) return pairs;
  const { lowBand, recoveryBand } = candidateSet.provenance as unknown as MetricSettings;
  const job = {
    shared: first, // grades are those of the set, whatever the router
    routers: worth.flatMap(({ rows, before: a, after: b }) => [
      {
        confidences: rows?.before ?? [],
        calibrated: a.calibrated && rows?.ranksOnly === false,
        ...(rows?.costs ? { cost: rows.costs.before } : {}),
      },
      {
        confidences: rows?.after ?? [],
        calibrated: b.calibrated && rows?.ranksOnly === false,
        ...(rows?.costs ? { cost: rows.costs.after } : {}),
      },
    ]),
    settings: { lowBand, recoveryBand },
    seed: `${statistics.seed}/${candidateSet.name}`,
    resamples: statistics.resamples,
  };
  const [values = []] = await resample([job], { signal, advance });
  return pairs.map((pair) => {
    const index = worth.indexOf(pair);
    const [a, b] = [values[2 * index], values[2 * index + 1]];
    return index === -1 || a === undefined || b === undefined
      ? pair
      : { ...pair, resamples: b.map((value, i) => value - (a[i] as number)) };
  });
}

/** One difference, with its interval where there is one. */
function computeDifference(
  router: string,
  column: string,
  metric: string,
  pairs: readonly Pair[],
  columns: readonly LeaderboardColumn[],
  { definitions, statistics: { level, resamples } }: CompareOptions,
): Difference {
  const definition = definitions.find(({ name }) => name === metric);
  const higherIsBetter = definition?.better !== 'lower';
  const getValue = (side: 'before' | 'after'): Measured =>
    metricsByColumn(
      pairs.map((pair) => ({ dataset: pair.dataset, metrics: pair[side].metrics })),
      columns,
    )[column]?.[metric] ?? { value: null, reason: 'not measured' };
  const [a, b] = [getValue('before'), getValue('after')];
  const sets = setsUnder(column, columns);
  const columnPairs = pairs.filter(({ dataset }) => sets.includes(dataset));
  const paired =
    columnPairs.length === sets.length &&
    columnPairs.every(
      ({ identical, rows }) => identical || (rows !== null && tells(rows, definition?.needs)),
    );
  const pairing: Pairing =
    columnPairs.length === sets.length && columnPairs.every(({ identical }) => identical)
      ? 'identical'
      : paired
        ? 'paired'
        : 'unpaired';
  const common = {
    router,
    column,
    metric,
    higherIsBetter,
    before: a.value,
    after: b.value,
    pairing,
  };
  const untold = (reason: string, difference: number | null): Difference => ({
    ...common,
    difference,
    reason,
    pNotWorse: () => null,
  });
  if (a.value === null || b.value === null)
    return untold(
      `${a.value === null ? 'before' : 'after'}: ${a.value === null ? a.reason : b.value === null ? b.reason : ''}`,
      null,
    );
  const difference = b.value - a.value;
  const sign = higherIsBetter ? 1 : -1;
  if (pairing === 'identical')
    return { ...common, difference: 0, ci: [0, 0], p: 1, pNotWorse: () => 1 };
  if (pairing === 'unpaired') {
    const error = unpairedError(columnPairs, sets, metric, level);
    if (error === null) return untold('a side has no rows and no interval', difference);
    const half = normalQuantile((1 - level) / 2) * error;
    return {
      ...common,
      difference,
      ci: [difference - half, difference + half],
      p: 2 * normalTail(Math.abs(difference) / error),
      pNotWorse: (margin) => normalTail((-margin - sign * difference) / error),
    };
  }
  const zeros = new Float32Array(
    columnPairs.find((pair) => pair.resamples !== undefined)?.resamples?.length ?? 0,
  );
  const shape = { resamples, metrics: definitions.map(({ name }) => name) };
  const draws = columnResamples(columns, column, metric, shape, (dataset) => {
    const pair = columnPairs.find((item) => item.dataset === dataset);
    return pair?.identical === true ? zeros : pair?.resamples;
  });
  if (draws === null)
    return untold(`fewer than ${FEWEST_CLUSTERS} independent queries`, difference);
  const around = spread(draws, level);
  if ('reason' in around) return untold(around.reason, difference);
  const p = pDifferent(difference, draws);
  const closed =
    sets.length === 1 && metric === 'auroc' ? closedForm(columnPairs[0]?.rows ?? null) : null;
  const oriented = draws.map((value) => sign * value);
  return {
    ...common,
    difference,
    ci: [around.low, around.high],
    ...(p === null ? {} : { p }),
    ...(closed === null ? {} : { delong: closed }),
    pNotWorse: (margin) => pAtLeast(sign * difference, oriented, -margin),
  };
}

/** The sets that a column is made of, by way of groups. */
const setsUnder = (column: string, columns: readonly LeaderboardColumn[]): readonly string[] => {
  const { kind, of: members = [] } = columns.find(({ name }) => name === column) ?? {};
  return kind === 'dataset' ? [column] : members.flatMap((name) => setsUnder(name, columns));
};

/**
 * Standard error of a difference of two means over sets, from the intervals of both sides as if
 * they were independent: too large rather than too small.
 */
function unpairedError(
  pairs: readonly Pair[],
  sets: readonly string[],
  metric: string,
  level: number,
): number | null {
  const z = normalQuantile((1 - level) / 2);
  let squares = 0;
  for (const set of sets) {
    const pair = pairs.find(({ dataset }) => dataset === set);
    for (const measured of [pair?.before.metrics[metric], pair?.after.metrics[metric]]) {
      if (measured === undefined || measured.value === null || measured.ci === undefined)
        return null;
      squares += ((measured.ci[1] - measured.ci[0]) / (2 * z * sets.length)) ** 2;
    }
  }
  return squares > 0 ? Math.sqrt(squares) : null;
}

/** DeLong's two-sided p value of no difference. */
function closedForm(rows: PairedRows | null): number | null {
  if (
    rows === null ||
    rows.before.length !== 1 ||
    rows.after.length !== 1 ||
    rows.shared.clusters !== rows.shared.n
  )
    return null;
  const areas = delong(rows.shared.label, [
    rows.before[0] as Float64Array,
    rows.after[0] as Float64Array,
  ]);
  if (areas === null) return null;
  const [[a = 0, covariance = 0] = [], [, b = 0] = []] = areas.covariance;
  const variance = a + b - 2 * covariance;
  const gap = (areas.aurocs[1] ?? 0) - (areas.aurocs[0] ?? 0);
  return variance <= 0
    ? gap === 0
      ? 1
      : null
    : 2 * normalTail(Math.abs(gap) / Math.sqrt(variance));
}

/**
 * Differences between a baseline and a candidate, router by router: paired wherever both have rows.
 */
import type { MetricDefinition } from '../../core/definitions.js';
import type { MetricSettings } from '../metrics/types.js';
import { buildColumns, metricsByColumn } from '../leaderboard/leaderboard.js';
import { columnResamples } from '../leaderboard/intervals.js';
import { listSets } from '../leaderboard/column-support.js';
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
import { interval, pAtLeast, pDifferent } from '../statistics/spread.js';
import { countRarerLabel, countSupport, findLack } from '../statistics/support.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import { findFlips, type Flips } from './flips.js';
import { findCell, pairedRows, type PairedRows } from './pairs.js';

/**
 * How a difference was computed. identical: both runs have the same confidences on the same rows,
 * so it is 0. paired: from the rows of both runs. unpaired: from two intervals, as if the runs had
 * routed different queries; the interval is much wider.
 */
export type Pairing = 'identical' | 'paired' | 'unpaired';

/** Candidate (after) minus baseline (before), for one metric of one router in one column. */
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
   * The same p value by DeLong's closed form, where it applies: auroc on one set, one training
   * seed, no clusters.
   */
  readonly delong?: number;
  /** Why there is no difference or no interval. */
  readonly reason?: string;
  /**
   * One-sided p value that the candidate is not worse than the baseline by more than a margin; null
   * where it cannot be computed.
   */
  readonly pNotWorse: (margin: number) => number | null;
}

/** What to compare. */
export interface CompareOptions {
  readonly metrics: readonly string[];
  /** All metrics of the project, in the order of what `resample` returns. */
  readonly definitions: readonly MetricDefinition[];
  /** Leave it out to compare all routers that the two runs share. */
  readonly routers?: readonly string[] | undefined;
  readonly statistics: {
    readonly resamples: number;
    readonly level: number;
    readonly seed: number;
  };
  /** Leave it out to skip the search for flipped queries. */
  readonly flips?: { readonly callRate: number; readonly most: number };
  readonly signal: AbortSignal;
  readonly advance: (resamples: number) => void;
  /** Does the resampling, on any number of threads. */
  readonly resample: Resample;
}

/** The result of comparing two runs. */
export interface Comparison {
  readonly columns: readonly LeaderboardColumn[];
  readonly differences: readonly Difference[];
  readonly flips: readonly Flips[];
  /** Routers and sets that only one of the runs has. */
  readonly only: { readonly before: readonly string[]; readonly after: readonly string[] };
}

/**
 * Whether a metric can be computed from the rows of both runs: ranks are no probabilities, and some
 * costs are unknown.
 */
const canMeasure = (
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
  /** Candidate minus baseline in each resample; undefined where it is not paired. */
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

/** Compares routers of the same name. The runs must be comparable ({@link listSetDifferences}). */
export async function compare(
  before: ComparedRun,
  after: ComparedRun,
  options: CompareOptions,
): Promise<Comparison> {
  const listRouters = (run: ComparedRun): readonly string[] =>
    [...new Set(run.cells.map(({ router }) => router))].filter(
      (router) => options.routers?.includes(router) ?? true,
    );
  const routers = listRouters(after).filter((router) => listRouters(before).includes(router));
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
  const onlyIn = (a: ComparedRun, b: ComparedRun): readonly string[] => [
    ...listRouters(a)
      .filter((router) => !listRouters(b).includes(router))
      .map((router) => `router ${router}`),
    ...a.sets
      .filter(({ name }) => !b.sets.some((set) => set.name === name))
      .map(({ name }) => `set ${name}`),
  ];
  return {
    columns,
    differences,
    flips: listFlips(pairs, options.flips),
    only: { before: onlyIn(before, after), after: onlyIn(after, before) },
  };
}

/** Flips of every pair whose runs have rows and may route differently. */
function listFlips(pairs: readonly Pair[], options: CompareOptions['flips']): readonly Flips[] {
  if (options === undefined) return [];
  return pairs.flatMap(({ router, dataset, rows, identical }) =>
    rows === null || identical
      ? []
      : [findFlips(router, dataset, rows, options.callRate, options.most)],
  );
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
  const toResample = pairs.filter(
    ({ rows }) => rows !== null && findLack(countSupport(rows.shared)) === null,
  );
  const shared = toResample[0]?.rows?.shared;
  if (shared === undefined) return pairs;
  const { lowBand, recoveryBand } = candidateSet.provenance as unknown as MetricSettings;
  const job = {
    shared, // every router of the set has the same grades
    routers: toResample.flatMap(({ rows, before: a, after: b }) => [
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
    const index = toResample.indexOf(pair);
    const [a, b] = [values[2 * index], values[2 * index + 1]];
    return index === -1 || a === undefined || b === undefined
      ? pair
      : { ...pair, resamples: b.map((value, i) => value - (a[i] as number)) };
  });
}

/** Values of files are rounded to 6 decimals. */
const WRITTEN = 2e-6;

/** The parts of a difference that do not depend on its interval. */
type DifferenceBase = Pick<
  Difference,
  'router' | 'column' | 'metric' | 'higherIsBetter' | 'before' | 'after' | 'pairing'
>;

const withoutInterval = (
  base: DifferenceBase,
  reason: string,
  difference: number | null,
): Difference => ({ ...base, difference, reason, pNotWorse: () => null });

const getSign = ({ higherIsBetter }: DifferenceBase): 1 | -1 => (higherIsBetter ? 1 : -1);

/** How the pairs of a column allow its metric to be compared. */
function findPairing(
  pairs: readonly Pair[],
  sets: readonly string[],
  needs: MetricDefinition['needs'] | undefined,
): Pairing {
  if (pairs.length !== sets.length) return 'unpaired';
  if (pairs.every(({ identical }) => identical)) return 'identical';
  const paired = pairs.every(
    ({ identical, rows }) => identical || (rows !== null && canMeasure(rows, needs)),
  );
  return paired ? 'paired' : 'unpaired';
}

/** One difference, with its interval where there is one. */
function computeDifference(
  router: string,
  column: string,
  metric: string,
  pairs: readonly Pair[],
  columns: readonly LeaderboardColumn[],
  options: CompareOptions,
): Difference {
  const definition = options.definitions.find(({ name }) => name === metric);
  const getValue = (run: 'before' | 'after'): Measured =>
    metricsByColumn(
      pairs.map((pair) => ({ dataset: pair.dataset, metrics: pair[run].metrics })),
      columns,
    )[column]?.[metric] ?? { value: null, reason: 'not measured' };
  const [before, after] = [getValue('before'), getValue('after')];
  const sets = listSets(column, columns);
  const columnPairs = pairs.filter(({ dataset }) => sets.includes(dataset));
  const base: DifferenceBase = {
    router,
    column,
    metric,
    higherIsBetter: definition?.better !== 'lower',
    before: before.value,
    after: after.value,
    pairing: findPairing(columnPairs, sets, definition?.needs),
  };
  if (before.value === null) return withoutInterval(base, `before: ${before.reason}`, null);
  if (after.value === null) return withoutInterval(base, `after: ${after.reason}`, null);
  const difference = after.value - before.value;
  if (base.pairing === 'identical')
    return Math.abs(difference) <= WRITTEN
      ? { ...base, difference: 0, ci: [0, 0], p: 1, pNotWorse: () => 1 }
      : withoutInterval(base, 'the same confidences got another value: other code', difference);
  return base.pairing === 'unpaired'
    ? addUnpairedInterval(base, difference, columnPairs, sets, options.statistics.level)
    : addPairedInterval(base, difference, columnPairs, sets, columns, options);
}

/** Normal interval and p values, from the intervals of the two runs. */
function addUnpairedInterval(
  base: DifferenceBase,
  difference: number,
  pairs: readonly Pair[],
  sets: readonly string[],
  level: number,
): Difference {
  const error = unpairedError(pairs, sets, base.metric, level);
  if (error === null)
    return withoutInterval(
      base,
      'the baseline or the candidate has no rows and no interval',
      difference,
    );
  const half = normalQuantile((1 - level) / 2) * error;
  return {
    ...base,
    difference,
    ci: [difference - half, difference + half],
    p: 2 * normalTail(Math.abs(difference) / error),
    pNotWorse: (margin) => normalTail((-margin - getSign(base) * difference) / error),
  };
}

/** Bootstrap interval and p values, from the paired resamples. */
function addPairedInterval(
  base: DifferenceBase,
  difference: number,
  pairs: readonly Pair[],
  sets: readonly string[],
  columns: readonly LeaderboardColumn[],
  { definitions, statistics: { level, resamples } }: CompareOptions,
): Difference {
  const { column, metric } = base;
  const zeros = new Float32Array(
    pairs.find((pair) => pair.resamples !== undefined)?.resamples?.length ?? 0,
  );
  const shape = { resamples, metrics: definitions.map(({ name }) => name) };
  const draws = columnResamples(columns, column, metric, shape, (dataset) => {
    const pair = pairs.find((item) => item.dataset === dataset);
    return pair?.identical === true ? zeros : pair?.resamples;
  });
  const noInterval = findNoInterval(pairs, draws, definitions, metric);
  if (draws === null || noInterval !== null)
    return withoutInterval(base, noInterval ?? 'a set of the average has none', difference);
  const resampled = { value: difference, resamples: draws, rarerLabel: countFewest(pairs) };
  const around = interval(resampled, level);
  if ('reason' in around) return withoutInterval(base, around.reason, difference);
  const p = pDifferent(resampled);
  const closed =
    sets.length === 1 && metric === 'auroc' ? closedForm(pairs[0]?.rows ?? null) : null;
  const sign = getSign(base);
  return {
    ...base,
    difference,
    ci: [around.low, around.high],
    ...(p === null ? {} : { p }),
    ...(closed === null ? {} : { delong: closed }),
    pNotWorse: (margin) => pAtLeast({ ...resampled, value: sign * difference }, -margin),
  };
}

/** Why the difference of a metric has no interval; null where it may have one. */
function findNoInterval(
  pairs: readonly Pair[],
  draws: Float64Array | null,
  definitions: readonly MetricDefinition[],
  metric: string,
): string | null {
  const { noInterval } = definitions.find(({ name }) => name === metric) ?? {};
  if (noInterval !== undefined || draws !== null) return noInterval ?? null;
  for (const { dataset, rows } of pairs) {
    const lack = rows === null ? null : findLack(countSupport(rows.shared));
    if (lack !== null) return pairs.length === 1 ? lack : `${dataset}: ${lack}`;
  }
  return null;
}

/** The fewest independent queries of the rarer label in sets on which the runs may differ. */
const countFewest = (pairs: readonly Pair[]): number =>
  Math.min(
    ...pairs.map(({ rows }) =>
      rows === null ? Infinity : countRarerLabel(countSupport(rows.shared)),
    ),
  );

/**
 * Standard error of a difference of two means over sets, from the intervals of both runs as if they
 * were independent: too large rather than too small.
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
  if (variance > 0) return 2 * normalTail(Math.abs(gap) / Math.sqrt(variance));
  return gap === 0 ? 1 : null;
}

/**
 * Confidences of all routers on a set → resampled metrics, stored under all that made them, and
 * intervals from them.
 */
import { join } from 'node:path';
import type { PlannedRouter, PlannedSet } from '../planning/planned.js';
import { buildRowCosts } from '../../analysis/metrics/costs.js';
import type { RowCosts } from '../../analysis/metrics/types.js';
import type { JoinedRow } from '../protocol/join.js';
import { computeLabel } from '../protocol/label.js';
import type { Measured, MetricMap, RouterResult, GradeRow } from '../../storage/results/types.js';
import type { RunContext } from '../run-context.js';
import { interval } from '../../analysis/statistics/spread.js';
import {
  countRarerLabel,
  countSupport,
  findLack,
  type Support,
} from '../../analysis/statistics/support.js';
import type { MetricDefinition } from '../../core/definitions.js';
import type { SharedRows } from '../../analysis/statistics/shared-rows.js';
import { SafetensorsFile, writeSafetensors } from '../../storage/safetensors.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';
import { hashItems, hashLists } from '../util/hash-rows.js';
import { resample } from './resample.js';
import { getMetricSettings } from './result.js';
import { exists } from './weights.js';
import type { ResampleJob } from '../../analysis/statistics/resample-job.js';

/**
 * The graded rows of a set in the order in which they are drawn: by cluster, then by id, so that
 * the order of the data does not matter.
 */
export interface GradedSet {
  readonly set: PlannedSet;
  readonly weak: readonly GradeRow[];
  readonly strong: readonly GradeRow[];
  /** Only of rows that name one. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly ids: readonly string[];
  /** Over ids and grades: how the two models did. */
  readonly outcomes: string;
  readonly shared: SharedRows;
  /** Over `shared`. */
  readonly sharedHash: string;
}

/** The clusters that a set names. */
export async function readClusters(set: PlannedSet): Promise<ReadonlyMap<string, string>> {
  const clusters = new Map<string, string>();
  for await (const { rows } of set.test.blocks())
    for (const { id, cluster } of rows) if (cluster !== undefined) clusters.set(id, cluster);
  return clusters;
}

const compareText = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** Puts the rows with both grades in order. */
export function gradedSet(
  set: PlannedSet,
  weak: readonly GradeRow[],
  strong: readonly GradeRow[],
  clusters: ReadonlyMap<string, string>,
): GradedSet {
  const [min, max] = set.definition.scale;
  const strongGrades = new Map(strong.map(({ id, value }) => [id, value]));
  // no cluster is called like an id
  const key = (id: string): string =>
    clusters.size === 0 ? id : (clusters.get(id) ?? `\u0000${id}`);
  const rows = weak
    .flatMap(({ id, value }) => {
      const other = strongGrades.get(id) ?? null;
      return value === null || other === null
        ? []
        : [{ id, cluster: key(id), weak: value, strong: other }];
    })
    .sort((a, b) => compareText(a.cluster, b.cluster) || compareText(a.id, b.id));
  const cluster = new Uint32Array(rows.length);
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    cluster[i] =
      before === undefined
        ? 0
        : (cluster[i - 1] as number) + (before.cluster === row.cluster ? 0 : 1);
  });
  const shared: SharedRows = {
    n: rows.length,
    weak: Float64Array.from(rows, (row) => (row.weak - min) / (max - min)),
    strong: Float64Array.from(rows, (row) => (row.strong - min) / (max - min)),
    label: Uint8Array.from(rows, (row) => computeLabel(set.label, row.weak, row.strong)),
    cluster,
    clusters: rows.length === 0 ? 0 : (cluster[rows.length - 1] as number) + 1,
  };
  return {
    set,
    weak,
    strong,
    clusters,
    ids: rows.map(({ id }) => id),
    outcomes: hashItems(rows.map((row) => [row.id, row.weak, row.strong])),
    shared,
    sharedHash: hashItems(shared.weak, shared.strong, shared.label, shared.cluster),
  };
}

/** Confidences in the order of a graded set; NaN = none. */
export function getConfidences({ ids }: GradedSet, rows: readonly JoinedRow[]): Float64Array {
  const byId = new Map(rows.map(({ id, confidence }) => [id, confidence]));
  return Float64Array.from(ids, (id) => byId.get(id) ?? NaN);
}

/** Costs in the order of a graded set, with their hash; null where one is not known. */
export function costsInOrder({ ids }: GradedSet, rows: readonly JoinedRow[]): Uncertain['cost'] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const costs = buildRowCosts(ids.map((id) => byId.get(id)));
  return costs === null
    ? null
    : {
        rows: costs,
        hash: hashLists([costs.weak, costs.strong, costs.strongAlone ?? costs.strong]),
      };
}

/** A router on a set, waiting for its intervals. */
export interface Uncertain {
  readonly router: PlannedRouter;
  readonly graded: GradedSet;
  /** One a training seed, and their hashes. */
  readonly confidences: readonly Float64Array[];
  readonly hashes: readonly string[];
  /** What its decisions cost, and the hash of it; null where that is not known. */
  readonly cost: { readonly rows: RowCosts; readonly hash: string } | null;
  readonly result: RouterResult;
}

const getResamplesFile = (results: string, hash: string): string =>
  join(results, 'artifacts', 'resamples', hash, 'values.safetensors');

/** Resampled metrics as they are stored; undefined where there are none. */
export async function readResamples(
  results: string,
  hash: string,
): Promise<Float32Array | undefined> {
  const file = getResamplesFile(results, hash);
  if (!(await exists(file))) return undefined;
  const stored = await SafetensorsFile.open(file);
  try {
    return await stored.floats('values');
  } finally {
    await stored.close();
  }
}

/** What a resample of a set stands on besides its routers. */
function buildResamplesKey(
  context: RunContext,
  { router, graded: { set, sharedHash }, hashes, cost }: Uncertain,
): string {
  const { resamples, seed } = context.plan.project.config.statistics;
  return jsonHash({
    confidences: hashes,
    costs: cost?.hash ?? null,
    rows: sharedHash,
    settings: getMetricSettings(context.plan, router),
    metrics: context.plan.metrics.map(({ key }) => key),
    harness: context.plan.harness,
    dataset: set.name,
    resamples,
    seed,
  } as unknown as JsonObject);
}

/** Values of one metric over the resamples. */
const resampledMetric = (
  values: Float32Array,
  names: readonly string[],
  metric: string,
): Float32Array => {
  const [width, at] = [names.length, names.indexOf(metric)];
  return Float32Array.from(
    { length: values.length / width },
    (_, b) => values[b * width + at] ?? NaN,
  );
};

/**
 * Adds to each metric its interval, or the reason why there is none. `definitions` are the metrics
 * of the resampled `values`, in their order; `rarerLabel` counts the independent queries of the
 * rarer label.
 * @internal Exported for its tests.
 */
export function withIntervals(
  metrics: MetricMap,
  definitions: readonly MetricDefinition[],
  values: Float32Array,
  { level, rarerLabel }: { readonly level: number; readonly rarerLabel: number },
): MetricMap {
  const names = definitions.map(({ name }) => name);
  const addInterval = (name: string, value: number): { ci: readonly [number, number] } | NoCi => {
    const { range = [-Infinity, Infinity], noInterval } =
      definitions[names.indexOf(name)] ?? ({} as Partial<MetricDefinition>);
    if (noInterval !== undefined) return { noCi: noInterval };
    const around = interval(
      {
        value,
        resamples: resampledMetric(values, names, name),
        rarerLabel,
        isAuroc: name === 'auroc',
        range,
      },
      level,
    );
    return 'reason' in around ? { noCi: around.reason } : { ci: [around.low, around.high] };
  };
  return Object.fromEntries(
    Object.entries(metrics).map(([name, measured]): [string, Measured] => {
      if (measured.value === null) return [name, measured];
      const { value, ...rest } = measured;
      return [name, { value, ...addInterval(name, value), ...rest }];
    }),
  );
}

interface NoCi {
  readonly noCi: string;
}

const withoutIntervals = (metrics: MetricMap, noCi: string): MetricMap =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, measured]) => [
      name,
      measured.value === null ? measured : { ...measured, noCi },
    ]),
  );

/** Builds the job of one set: all its routers on the same draws. */
function buildJob(
  context: RunContext,
  graded: GradedSet,
  entries: readonly Uncertain[],
): ResampleJob {
  const { resamples, seed } = context.plan.project.config.statistics;
  // Routers with equal costs share one object, so that its sums are computed once.
  const costsByHash = new Map(
    entries.flatMap(({ cost }) => (cost === null ? [] : [[cost.hash, cost.rows]])),
  );
  return {
    shared: graded.shared,
    routers: entries.map(({ router, confidences, cost }) => ({
      confidences,
      calibrated: router.definition.calibrated === 'logit',
      ...(cost === null ? {} : { cost: costsByHash.get(cost.hash) as RowCosts }),
    })),
    settings: getMetricSettings(context.plan),
    seed: `${seed}/${graded.set.name}`,
    resamples,
  };
}

/** Resamples the entries, whose keys name the files, and stores the values. */
async function storeResamples(
  context: RunContext,
  entries: readonly Uncertain[],
  keys: ReadonlyMap<Uncertain, string>,
): Promise<void> {
  const { metrics } = context.plan;
  const { resamples } = context.plan.project.config.statistics;
  const sets = [...new Set(entries.map(({ graded }) => graded))].map((graded) => ({
    graded,
    routers: entries.filter((entry) => entry.graded === graded),
  }));
  if (sets.length === 0) return;
  const jobs = sets.map(({ graded, routers }) => buildJob(context, graded, routers));
  const task = context.observer.task('resample', resamples * jobs.length, 0);
  try {
    const values = await resample(metrics, jobs, {
      signal: context.signal,
      advance: (done) => task.advance(done),
    });
    for (const [i, { routers }] of sets.entries()) {
      for (const [j, entry] of routers.entries()) {
        const data = values[i]?.[j] as Float32Array;
        await writeSafetensors(getResamplesFile(context.results, keys.get(entry) as string), {
          values: { shape: [resamples, metrics.length], data },
        });
      }
    }
  } finally {
    task.end();
  }
}

/**
 * Adds intervals to the results. Resamples that are not stored yet are drawn first; all routers of
 * a set share the same draws.
 */
export async function withUncertainty(
  context: RunContext,
  all: readonly Uncertain[],
): Promise<readonly RouterResult[]> {
  const { level } = context.plan.project.config.statistics;
  const definitions = context.plan.metrics.map(({ definition }) => definition);
  const supports = new Map(
    [...new Set(all.map(({ graded }) => graded))].map((graded) => [
      graded,
      countSupport(graded.shared),
    ]),
  );
  const getSupport = ({ graded }: Uncertain): Support => supports.get(graded) as Support;
  const enough = all.filter((entry) => findLack(getSupport(entry)) === null);
  const keys = new Map(enough.map((entry) => [entry, buildResamplesKey(context, entry)]));
  const missing: Uncertain[] = [];
  for (const entry of enough)
    if (!(await exists(getResamplesFile(context.results, keys.get(entry) as string))))
      missing.push(entry);
  await storeResamples(context, missing, keys);
  return await Promise.all(
    all.map(async (entry): Promise<RouterResult> => {
      const { metrics, provenance } = entry.result;
      const hash = keys.get(entry);
      if (hash === undefined) {
        const noCi = findLack(getSupport(entry)) ?? '';
        return { ...entry.result, metrics: withoutIntervals(metrics, noCi) };
      }
      const rarerLabel = countRarerLabel(getSupport(entry));
      const values = (await readResamples(context.results, hash)) as Float32Array;
      return {
        ...entry.result,
        rarerLabel,
        metrics: withIntervals(metrics, definitions, values, { level, rarerLabel }),
        provenance: { ...provenance, resamples: hash },
      };
    }),
  );
}

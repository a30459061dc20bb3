/** Joined rows → the result of one router or control on one set. */
import { CONTROLS, measureControl } from '../../analysis/metrics/controls.js';
import { reliability } from '../../analysis/metrics/calibration.js';
import { buildCurve, curvePoints } from '../../analysis/metrics/curve.js';
import { measureRouter } from '../../analysis/metrics/measure.js';
import { buildRowViews, type RowViews } from '../../analysis/metrics/nulls.js';
import { thresholdFor, computeTransfer, TRANSFER_RATES } from '../../analysis/metrics/threshold.js';
import {
  type MetricSettings,
  type MetricValue,
  type ScoredRows,
} from '../../analysis/metrics/types.js';
import type { Choice, Plan, PlannedRouter, PlannedSet } from '../planning/planned.js';
import { getSignal } from '../../core/signals/table.js';
import { getModelName } from '../signals/requests.js';
import type { JoinedRow } from '../protocol/join.js';
import { computeLabel } from '../protocol/label.js';
import type { ResultRow } from '../../storage/results/store.js';
import type {
  ChosenOptions,
  Measured,
  MetricMap,
  RouterCost,
  RouterResult,
  RowCounts,
  Transfer,
  GradeRow,
} from '../../storage/results/types.js';
import { wilson } from '../../analysis/statistics/wilson.js';
import type { JsonObject } from '../../core/util/json.js';

/** A control's name. */
export type Control = (typeof CONTROLS)[number];

/** The joined rows of one training seed; seed null for a router that is not fitted. */
export interface SeedRows {
  readonly seed: number | null;
  /** What the router stored with its weights; null for one that is not fitted. */
  readonly fit: JsonObject | null;
  readonly rows: readonly JoinedRow[];
  /** Confidences on the validation rows; null where no threshold is chosen there. */
  readonly validation: Float64Array | null;
}

/** What metrics need to know besides the rows. */
export const getMetricSettings = (plan: Plan, router?: PlannedRouter): MetricSettings => {
  const { lowBand, recoveryBand } = plan.project.config.protocol;
  return { lowBand, recoveryBand, calibrated: router?.definition.calibrated === 'logit' };
};

const views = (set: PlannedSet, rows: readonly JoinedRow[]): RowViews =>
  buildRowViews(rows, {
    scale: set.definition.scale,
    getLabel: (weak, strong) => computeLabel(set.label, weak, strong),
  });

/** Mean over seeds; a metric that is null for one seed is null, with that seed's reason. */
export function overSeeds(maps: readonly Readonly<Record<string, MetricValue>>[]): MetricMap {
  const first = maps[0] ?? {};
  return Object.fromEntries(
    Object.keys(first).map((name): [string, Measured] => {
      const all = maps.map((map) => map[name] as MetricValue);
      const missing = all.find((measured) => measured.value === null);
      if (missing !== undefined) return [name, missing];
      const values = all.map((measured) => measured.value as number);
      const value = values.reduce((sum, term) => sum + term, 0) / values.length;
      return [
        name,
        values.length === 1
          ? { value }
          : { value, spread: { min: Math.min(...values), max: Math.max(...values) } },
      ];
    }),
  );
}

/**
 * What thresholds of the validation rows do on these rows, one view a training seed; undefined
 * where there are none to choose on.
 */
function computeTransferOverSeeds(
  seeds: readonly { readonly validation: Float64Array | null; readonly headline: ScoredRows }[],
): readonly Transfer[] | undefined {
  if (
    seeds.some(
      ({ validation, headline }) =>
        validation === null ||
        validation.length === 0 ||
        headline.n === 0 ||
        headline.confidence.every(Number.isNaN),
    )
  )
    return undefined;
  const prepared = seeds.map(({ validation, headline }) => ({
    validation: validation as Float64Array,
    curve: buildCurve(headline),
  }));
  return TRANSFER_RATES.map((callRate): Transfer => {
    const thresholds = prepared.map(
      ({ validation }) => thresholdFor(validation, callRate) as number,
    );
    const each = prepared.map(({ curve }, i) => computeTransfer(curve, thresholds[i] as number));
    const { realised, recovery } = overSeeds(
      each.map((transfer) => ({
        realised: { value: transfer.realised },
        recovery: transfer.recovery,
      })),
    ) as { readonly realised: Measured & { readonly value: number }; readonly recovery: Measured };
    const n = seeds[0]?.headline.n ?? 0;
    const { value, ...spread } = realised;
    return {
      callRate,
      thresholds: thresholds.map((threshold) => (threshold === -Infinity ? null : threshold)),
      realised: { value, ci: wilson(value * n, n), ...spread },
      recovery,
    };
  });
}

/** Why a cell is not ranked: too many rows without a grade, or too many without an opinion. */
function unrankedReason(plan: Plan, counts: RowCounts): string | null {
  const { nullTolerance, nullConfidenceTolerance } = plan.project.config.protocol;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const ungraded = 1 - counts.scored / counts.total;
  if (ungraded > nullTolerance)
    return `${percent(ungraded)} of the rows have no grade (at most ${percent(nullTolerance)} are allowed)`;
  const silent = counts.nullConfidence / Math.max(1, counts.scored);
  if (silent > nullConfidenceTolerance)
    return `no opinion on ${percent(silent)} of the rows (at most ${percent(nullConfidenceTolerance)} is allowed)`;
  return null;
}

const identity = (
  set: PlannedSet,
): Pick<RouterResult, 'schema' | 'dataset' | 'role' | 'group'> => ({
  schema: 1,
  dataset: set.name,
  role: set.role,
  group: set.group,
});

/** Signals that the router got only a part of, or before their norm, in words. */
const partialSignals = (plan: Plan, router: PlannedRouter): readonly string[] =>
  router.needs.flatMap((request) => {
    const info = plan.models.get(getModelName(request))?.info;
    const partial = info === undefined ? null : (getSignal(request).partial?.(info) ?? null);
    return partial === null ? [] : [partial];
  });

const summarizeChoice = ({ trials, chosen }: Choice): ChosenOptions => ({
  trials: trials.length,
  options: trials[chosen]?.options ?? {},
  auroc: trials[chosen]?.auroc ?? null,
  configAuroc: trials[0]?.auroc ?? null,
});

/** The rows as they are stored: grades rescaled to [0, 1]. */
function* buildResultRows(
  set: PlannedSet,
  rows: readonly JoinedRow[],
  clusters: ReadonlyMap<string, string>,
): Generator<ResultRow> {
  const [min, max] = set.definition.scale;
  const rescale = (grade: number | null): number | null =>
    grade === null ? null : (grade - min) / (max - min);
  for (const { id, weak, strong, confidence, weakCost, strongCost, strongAloneCost } of rows)
    yield {
      id,
      weak: rescale(weak),
      strong: rescale(strong),
      confidence,
      ...(weakCost === undefined ? {} : { weakCost, strongCost: strongCost ?? null }),
      ...(strongAloneCost === undefined ? {} : { strongAloneCost }),
      ...(clusters.has(id) ? { cluster: clusters.get(id) as string } : {}),
    };
}

/** The result of a router: the headline is the mean over its training seeds. */
export function routerResult(
  plan: Plan,
  router: PlannedRouter,
  set: PlannedSet,
  seeds: readonly SeedRows[],
  clusters: ReadonlyMap<string, string>,
  cost: RouterCost,
  provenance: JsonObject,
  /** Why the router has no confidence on any query; null where it has one. */
  silence: string | null = null,
): {
  readonly result: RouterResult;
  readonly rows: readonly { readonly seed: number | null; readonly rows: Iterable<ResultRow> }[];
} {
  const settings = getMetricSettings(plan, router);
  const bySeed = seeds.map(({ seed, fit, rows, validation }) => ({
    seed,
    fit,
    validation,
    view: views(set, rows),
  }));
  const transfer = computeTransferOverSeeds(
    bySeed.map(({ validation, view }) => ({ validation, headline: view.headline })),
  );
  const measureView = (name: 'headline' | 'fixedDenominator' | 'withoutNulls') =>
    bySeed.map(({ view }) => measureRouter(plan.metrics, view[name], settings, silence));
  const headline = measureView('headline');
  const partial = partialSignals(plan, router);
  const { counts, headline: first } = (bySeed[0] as (typeof bySeed)[number]).view;
  return {
    result: {
      ...identity(set),
      router: router.name,
      plugin: router.definition.name,
      package: router.package,
      version: router.definition.version ?? 1,
      ...(settings.calibrated === true ? { calibrated: true } : {}),
      rows: counts,
      cost,
      unranked: unrankedReason(plan, counts),
      unverifiedReason: router.unverifiedReason,
      metrics: overSeeds(headline),
      fixedDenominator: overSeeds(measureView('fixedDenominator')),
      withoutNulls: overSeeds(measureView('withoutNulls')),
      seeds: bySeed.map(({ seed, fit }, i) => ({
        seed,
        metrics: headline[i] as MetricMap,
        ...(fit === null ? {} : { fit }),
      })),
      ...(partial.length === 0 ? {} : { partialSignals: partial }),
      ...(router.choice === undefined ? {} : { chosen: summarizeChoice(router.choice) }),
      curve: curvePoints(first),
      ...(settings.calibrated === true && first.n > 0
        ? { reliability: reliability(buildCurve(first)) }
        : {}),
      ...(transfer === undefined ? {} : { transfer }),
      provenance,
    },
    rows: seeds.map(({ seed, rows }) => ({ seed, rows: buildResultRows(set, rows, clusters) })),
  };
}

/** The result of a control: made from the grades alone, after the join. */
export function controlResult(
  plan: Plan,
  control: Control,
  set: PlannedSet,
  price: (rows: readonly JoinedRow[]) => readonly JoinedRow[],
  weak: readonly GradeRow[],
  strong: readonly GradeRow[],
  provenance: JsonObject,
): RouterResult {
  const settings = getMetricSettings(plan);
  const strongById = new Map(strong.map((grade) => [grade.id, grade.value]));
  const rows = price(
    weak.map(({ id, value }): JoinedRow => ({
      id,
      weak: value,
      strong: strongById.get(id) ?? null,
      confidence: 0,
    })),
  );
  const { headline, fixedDenominator, counts } = views(set, rows);
  const measured = measureControl(plan.metrics, control, headline, settings);
  return {
    ...identity(set),
    router: control,
    plugin: null,
    package: null,
    version: null,
    rows: counts,
    cost: null,
    unranked: null,
    unverifiedReason: null,
    metrics: measured.metrics,
    fixedDenominator: measureControl(plan.metrics, control, fixedDenominator, settings).metrics,
    withoutNulls: measured.metrics,
    seeds: [{ seed: null, metrics: measured.metrics }],
    curve: measured.curve,
    provenance,
  };
}

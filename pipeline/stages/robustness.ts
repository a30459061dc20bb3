/**
 * Confidences on test queries and on other wordings of them → how far the decisions stay the same,
 * and whether the router is a table of texts.
 */
import { auroc, oneClass } from '../../analysis/metrics/auroc.js';
import { buildCurve } from '../../analysis/metrics/curve.js';
import { buildRowViews } from '../../analysis/metrics/nulls.js';
import {
  decisionKappa,
  decisionsAt,
  robustness,
  selectionEntropy,
} from '../../analysis/metrics/robustness.js';
import { none, type MetricValue, type ScoredRows } from '../../analysis/metrics/types.js';
import type { PerturbedSet } from '../perturbed-set.js';
import type { PlannedSet } from '../planning/planned.js';
import { SignalReader } from '../signals/reader.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignals, type PreparedQueries } from './prepared.js';
import { join, type ConfidenceRow, type JoinedRow } from '../protocol/join.js';
import { computeLabel } from '../protocol/label.js';
import type { PerturbationKind } from '../../core/perturbation-kinds.js';
import type {
  KindRobustness,
  Measured,
  Robustness,
  RobustnessValues,
  GradeRow,
} from '../../storage/results/types.js';
import { hasNoPreference, losesKnowledge } from '../../analysis/statistics/look-up.js';
import { wilson } from '../../analysis/statistics/wilson.js';
import { overSeeds } from './result.js';

/**
 * A router with one training seed: the joined rows of a test set, and those of its perturbed
 * queries.
 */
export interface PerturbedRows {
  readonly rows: readonly JoinedRow[];
  readonly perturbed: readonly JoinedRow[];
  /**
   * Ids of perturbed queries that the router was never asked about, for their signals could not be
   * made: they say nothing about it.
   */
  readonly unasked: ReadonlySet<string>;
}

/** A test set, its perturbed queries, and the call rate of decisions. */
export interface Rewording {
  readonly set: PlannedSet;
  readonly perturbed: PerturbedSet;
  readonly callRate: number;
}

/**
 * Confidences on perturbed queries, joined with the grades of the rows that these come from: how
 * the models would answer the other wording is not asked.
 */
export function perturbedRows(
  { queries, variants }: PerturbedSet,
  { weak, strong }: { readonly weak: readonly GradeRow[]; readonly strong: readonly GradeRow[] },
  confidences: readonly ConfidenceRow[],
): readonly JoinedRow[] {
  const under = (grades: readonly GradeRow[]): readonly GradeRow[] => {
    const byId = new Map(grades.map((grade) => [grade.id, grade]));
    return variants.map(({ id, of: originalId }) => ({
      ...(byId.get(originalId) as GradeRow),
      id,
    }));
  };
  return join(`${queries.dataset}/${queries.split}`, under(weak), under(strong), confidences);
}

/**
 * The perturbed queries without a confidence because a signal could not be had, as where a model
 * failed or a recording does not know the new text.
 */
export async function findUnasked(
  needs: readonly SignalRequest[],
  { variants }: PerturbedSet,
  stored: PreparedQueries,
  confidences: readonly ConfidenceRow[],
): Promise<ReadonlySet<string>> {
  const silent = confidences.flatMap(({ confidence }, i) => (confidence === null ? [i] : []));
  if (silent.length === 0 || needs.length === 0) return new Set();
  const unasked = new Set<string>();
  const reader = new SignalReader(getSignals(stored, needs));
  try {
    for (const i of silent) if (!(await reader.has(i))) unasked.add(variants[i]?.id as string);
  } finally {
    await reader.close();
  }
  return unasked;
}

/** Queries of one kind, as they are and worded otherwise, in one order. */
interface Pairs {
  readonly before: readonly JoinedRow[];
  readonly after: readonly JoinedRow[];
}

function buildPairs(
  { variants }: PerturbedSet,
  kind: PerturbationKind,
  { rows, perturbed, unasked }: PerturbedRows,
): Pairs {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const variantRows = variants.flatMap((variant, i) =>
    variant.kind === kind && !unasked.has(variant.id) ? [i] : [],
  );
  return {
    before: variantRows.map((i) => byId.get(variants[i]?.of as string) as JoinedRow),
    after: variantRows.map((i) => perturbed[i] as JoinedRow),
  };
}

const graded = ({ definition, label }: PlannedSet, rows: readonly JoinedRow[]): ScoredRows =>
  buildRowViews(rows, {
    scale: definition.scale,
    getLabel: (weak, strong) => computeLabel(label, weak, strong),
  }).headline;

function computeAuroc(rows: ScoredRows): MetricValue {
  if (rows.n === 0) return none('there are no rows with both grades');
  const curve = buildCurve(rows);
  const value = auroc(curve);
  return Number.isNaN(value) ? none(oneClass(curve)) : { value };
}

function computeValues(
  { set, callRate }: Rewording,
  pairs: Pairs,
): Record<keyof RobustnessValues, MetricValue> {
  const decide = (rows: readonly JoinedRow[]): Float64Array => {
    const confidences = Float64Array.from(rows, ({ confidence }) => confidence ?? NaN);
    return decisionsAt(confidences, callRate);
  };
  const before = decide(pairs.before);
  const after = decide(pairs.after);
  return {
    robustness: robustness(before, after),
    kappa: decisionKappa(before, after),
    selectionEntropy: selectionEntropy(before),
    selectionEntropyPerturbed: selectionEntropy(after),
    auroc: computeAuroc(graded(set, pairs.before)),
    aurocPerturbed: computeAuroc(graded(set, pairs.after)),
  };
}

const withInterval = (measured: Measured, n: number): Measured =>
  measured.value === null ? measured : { ...measured, ci: wilson(measured.value * n, n) };

/** Plain mean over kinds; null where one of them is. */
function meanOver(kinds: readonly RobustnessValues[], name: keyof RobustnessValues): Measured {
  const missing = kinds.map((values) => values[name]).find(({ value }) => value === null);
  return (
    missing ?? {
      value: kinds.reduce((sum, values) => sum + (values[name].value ?? 0), 0) / kinds.length,
    }
  );
}

/**
 * Why a router is taken for a look-up table on a set, or null. For paraphrases only, its knowledge
 * is compared as well: other blanks and capitals may confuse the models whose signals it reads.
 */
function lookUpReason(
  { set }: Rewording,
  { kind, queries, ...values }: KindRobustness,
  pairs: readonly Pairs[],
): string | null {
  const words = {
    whitespace: 'with other blanks',
    case: 'in other case',
    paraphrase: 'in other words',
  }[kind];
  if (
    hasNoPreference(queries, values.selectionEntropy.value, values.selectionEntropyPerturbed.value)
  )
    return `it has no preference among the queries of ${set.name} ${words}`;
  if (kind !== 'paraphrase') return null;
  const seeds = pairs.map((own) => ({
    before: graded(set, own.before),
    after: graded(set, own.after),
  }));
  const label = seeds[0]?.before.label ?? new Uint8Array(0);
  if (
    !losesKnowledge(
      label,
      seeds.map(({ before, after }) => ({ before: before.confidence, after: after.confidence })),
    )
  )
    return null;
  const before = values.auroc.value?.toFixed(2) ?? '';
  const after = values.aurocPerturbed.value?.toFixed(2) ?? '';
  return `its AUROC on ${set.name} falls from ${before} to ${after} ${words}`;
}

/** Robustness of a router on a set, means over its training seeds. */
export function computeRobustness(
  rewording: Rewording,
  seeds: readonly PerturbedRows[],
): Robustness {
  const { perturbed, callRate } = rewording;
  const reasons: string[] = [];
  const kinds = [...new Set(perturbed.variants.map(({ kind }) => kind))].map(
    (kind): KindRobustness => {
      const pairs = seeds.map((seed) => buildPairs(perturbed, kind, seed));
      const queries = pairs[0]?.before.length ?? 0;
      const values = overSeeds(
        pairs.map((own) => computeValues(rewording, own)),
      ) as unknown as RobustnessValues;
      const own = {
        kind,
        queries,
        ...values,
        robustness: withInterval(values.robustness, queries),
      };
      const reason = lookUpReason(rewording, own, pairs);
      if (reason !== null) reasons.push(reason);
      return own;
    },
  );
  const queries = new Set(perturbed.variants.map(({ of: originalId }) => originalId)).size;
  return {
    callRate,
    queries,
    robustness: withInterval(meanOver(kinds, 'robustness'), queries),
    kappa: meanOver(kinds, 'kappa'),
    selectionEntropy: meanOver(kinds, 'selectionEntropy'),
    selectionEntropyPerturbed: meanOver(kinds, 'selectionEntropyPerturbed'),
    auroc: meanOver(kinds, 'auroc'),
    aurocPerturbed: meanOver(kinds, 'aurocPerturbed'),
    kinds,
    lookUp: reasons[0] ?? null,
  };
}

/** A control that never has a preference: always the same model. */
export function constantRobustness(
  rewording: Rewording,
  grades: Parameters<typeof perturbedRows>[1],
  ids: readonly string[],
): Robustness {
  const { set, perturbed } = rewording;
  const confidences = (rowIds: readonly string[]): readonly ConfidenceRow[] =>
    rowIds.map((id) => ({ id, confidence: 0 }));
  return computeRobustness(rewording, [
    {
      rows: join(set.name, grades.weak, grades.strong, confidences(ids)),
      perturbed: perturbedRows(
        perturbed,
        grades,
        confidences(perturbed.variants.map(({ id }) => id)),
      ),
      unasked: new Set(),
    },
  ]);
}

/** The only place where labels and confidences meet: by id. */
import type { GradeRow } from '../../storage/results/types.js';
import { PipelineError } from '../errors.js';

/** A confidence as it was stored. */
export interface ConfidenceRow {
  readonly id: string;
  readonly confidence: number | null;
}

/** A query with all that is known of it; grades are null where there is none. */
export interface JoinedRow {
  readonly id: string;
  readonly weak: number | null;
  readonly strong: number | null;
  readonly confidence: number | null;
  /** US dollars; left out where not known. */
  readonly weakCost?: number | null;
  readonly strongCost?: number | null;
  /** Of the strong model alone; left out where it is the same. */
  readonly strongAloneCost?: number | null;
}

const index = <Row extends { readonly id: string }>(
  dataset: string,
  rows: Iterable<Row>,
): ReadonlyMap<string, Row> => {
  const byId = new Map<string, Row>();
  for (const row of rows) {
    if (byId.has(row.id))
      throw new PipelineError('joinMismatch', { dataset, id: row.id, problem: 'present twice' });
    byId.set(row.id, row);
  }
  return byId;
};

/** Whether the rows of all lists are in the same order. */
const areAligned = (
  weak: readonly GradeRow[],
  ...others: readonly (readonly { readonly id: string }[])[]
): boolean =>
  others.every(
    (rows) => rows.length === weak.length && rows.every(({ id }, i) => id === weak[i]?.id),
  );

/**
 * Joins by id, in the order of `weak`. Each id must be in all three exactly once: a missing or
 * double one is RXB6003, and
 * nothing is ever cut to the shortest.
 */
export function join(
  dataset: string,
  weak: readonly GradeRow[],
  strong: readonly GradeRow[],
  confidences: readonly ConfidenceRow[],
): readonly JoinedRow[] {
  const weakById = index(dataset, weak);
  // as a run stores them; maps of a million rows would take some hundred megabytes
  if (areAligned(weak, strong, confidences))
    return weak.map(({ id, value }, i) => ({
      id,
      weak: value,
      strong: (strong[i] as GradeRow).value,
      confidence: (confidences[i] as ConfidenceRow).confidence,
    }));
  const strongById = index(dataset, strong);
  const confidenceById = index(dataset, confidences);
  for (const [others, name] of [
    [strongById, 'the strong grades'],
    [confidenceById, 'the confidences'],
  ] as const) {
    for (const id of others.keys()) {
      if (!weakById.has(id))
        throw new PipelineError('joinMismatch', {
          dataset,
          id,
          problem: `in ${name} but not in the weak grades`,
        });
    }
  }
  return Array.from(weakById.values(), ({ id, value }) => {
    const other = strongById.get(id);
    const confidence = confidenceById.get(id);
    if (other === undefined)
      throw new PipelineError('joinMismatch', {
        dataset,
        id,
        problem: 'missing from the strong grades',
      });
    if (confidence === undefined)
      throw new PipelineError('joinMismatch', {
        dataset,
        id,
        problem: 'missing from the confidences',
      });
    return { id, weak: value, strong: other.value, confidence: confidence.confidence };
  });
}

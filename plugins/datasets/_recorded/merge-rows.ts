/** Merges questions whose outcomes are in several files, by their id. */
import { HarnessError, type DatasetRow, type RecordedOutcome } from '../../../core/index.js';

type Growing = Omit<DatasetRow, 'recorded'> & {
  readonly recorded: Record<string, RecordedOutcome>;
};

/** Rows in order of the first occurrence of their ids. */
export class Gathered {
  readonly #rows = new Map<string, Growing>();

  /**
   * Adds the outcome of a model on a question.
   * @throws HarnessError RXB3002 if two files have different questions under one id.
   */
  add(
    row: Omit<DatasetRow, 'recorded'>,
    model: string,
    outcome: RecordedOutcome,
    location: { readonly file: string; readonly line: number },
  ): void {
    const known = this.#rows.get(row.id);
    if (known !== undefined && known.prompt !== row.prompt)
      throw new HarnessError('invalidRow', {
        ...location,
        problem: `has another question for the id "${row.id}" than an earlier file`,
      });
    const merged = known ?? { ...row, recorded: {} };
    merged.recorded[model] = outcome;
    this.#rows.set(
      row.id,
      known !== undefined && known.reference.length === 0
        ? { ...merged, reference: row.reference }
        : merged,
    );
  }

  rows(): Iterable<DatasetRow> {
    return this.#rows.values();
  }
}

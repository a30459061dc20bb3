/** Questions whose outcomes lie in several places, gathered by their id. */
import { HarnessError, type DatasetRow, type RecordedOutcome } from '../../../core/index.js';

type Growing = Omit<DatasetRow, 'recorded'> & {
  readonly recorded: Record<string, RecordedOutcome>;
};

/** Rows in the order in which their ids were first met. */
export class Gathered {
  readonly #rows = new Map<string, Growing>();

  /**
   * Adds what a model did on a question. Two places that ask different questions under one id are
   * RXB3002.
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

/** Merges questions whose outcomes are in several files, by their id. */
import { HarnessError, type DatasetRow, type RecordedOutcome } from '../../../core/index.js';

type Growing = Omit<DatasetRow, 'recorded'> & {
  readonly recorded: Record<string, RecordedOutcome>;
};

/** Rows in order of the first occurrence of their ids. */
export class Gathered {
  readonly #rows = new Map<string, Growing>();
  /** Where each outcome is, by row and model. */
  readonly #places = new Map<string, Map<string, string>>();

  /**
   * Adds the outcome of a model on a question.
   * @throws HarnessError RXB3002 if two files have different questions under one id, or if the
   * model's outcome on the question is there already.
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
    const places = this.#places.get(row.id) ?? new Map<string, string>();
    const first = places.get(model);
    if (first !== undefined)
      throw new HarnessError('invalidRow', {
        ...location,
        problem: `records an answer of "${model}" to a question that ${first} has recorded already: ${JSON.stringify(row.prompt.slice(0, 100))}`,
      });
    this.#places.set(row.id, places.set(model, `${location.file}:${location.line}`));
    const merged = known ?? { ...row, recorded: {} };
    merged.recorded[model] = outcome;
    this.#rows.set(
      row.id,
      known !== undefined && known.reference.length === 0
        ? { ...merged, reference: row.reference }
        : merged,
    );
  }

  /** The outcome of a model on a question, if it was added. */
  find(id: string, model: string): RecordedOutcome | undefined {
    return this.#rows.get(id)?.recorded[model];
  }

  rows(): Iterable<DatasetRow> {
    return this.#rows.values();
  }
}

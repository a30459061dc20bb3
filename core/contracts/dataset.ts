import type { TokenUsage } from './model.js';

/** One question of a dataset; `id` is unique in its split. */
export interface DatasetRow {
  readonly id: string;
  readonly prompt: string;
  /** The right answer, or several equally right ones; an empty list where none is known. */
  readonly reference: string | readonly string[];
  readonly domain: string;
  readonly group?: string;
  /** Rows of one cluster are not independent of each other. */
  readonly cluster?: string;
  /** The options of a multiple-choice question, in order. */
  readonly choices?: readonly string[];
  /** Later user messages, one after each answer; routers decide on the prompt alone. */
  readonly turns?: readonly string[];
  /** Temperature for this question, instead of the configured one. */
  readonly temperature?: number;
  /** Recorded outcomes, by the names that the dataset gives the models. */
  readonly recorded?: Readonly<Record<string, RecordedOutcome>>;
}

/** What a model once did on a question; a member that is left out was not recorded. */
export interface RecordedOutcome {
  /** In the scale of the dataset; null with `reason` where there is none. */
  readonly grade: number | null;
  readonly reason?: string;
  readonly text?: string;
  readonly usage?: TokenUsage;
  /** Cost of the call in US dollars. */
  readonly cost?: number;
}

/** A set of questions. Reading a split twice yields the same rows in the same order. */
export interface Dataset {
  readonly read: (split: string) => AsyncIterable<DatasetRow> | Iterable<DatasetRow>;
  /** Rewordings with the same reference, equal on every call; none is a prompt of any split. */
  readonly paraphrases?: (row: DatasetRow) => readonly string[] | Promise<readonly string[]>;
}

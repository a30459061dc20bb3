import type { JsonObject } from '../util/json.js';
import type { DatasetRow } from './dataset.js';
import type { Completion, GenerateSettings, ModelPrompt, Outcome } from './model.js';

/** What a scorer grades; `further` are the answers to the row's further turns, in order. */
export type GradedAnswer = Pick<Completion, 'text' | 'recordedGrade'> & {
  readonly further?: readonly string[];
};

/** A grade in the scorer's scale, or null with the reason; `unread`: the answer states nothing. */
export type Grade =
  | { readonly value: number }
  | { readonly value: null; readonly reason: string; readonly unread?: true };

/** What a scorer may use: judge models by their names in the config; replies are stored. */
export interface GradeContext {
  readonly ask: (
    model: string,
    prompt: ModelPrompt,
    settings: GenerateSettings,
  ) => Promise<Outcome<Completion>>;
}

/** Grades an answer against the reference of a question: same input, same grade. */
export interface Scorer {
  /** Called once: what else decides grades (a prompt's hash), for artifact keys and results. */
  readonly facts?: () => JsonObject | Promise<JsonObject>;
  readonly grade: (
    row: DatasetRow,
    answer: GradedAnswer,
    context: GradeContext,
  ) => Grade | Promise<Grade>;
}

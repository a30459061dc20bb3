import type { JsonObject } from '../util/json.js';
import type { DatasetRow } from './dataset.js';
import type { Completion, GenerateSettings, ModelPrompt, Outcome } from './model.js';

/** What a scorer grades; `further` are the answers to the row's further turns, in order. */
export type GradedAnswer = Pick<Completion, 'text' | 'recordedGrade'> & {
  readonly further?: readonly string[];
};

/** A grade in the scorer's scale, or null with the reason; null is never counted as 0. */
export type Grade = { readonly value: number } | { readonly value: null; readonly reason: string };

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
  /**
   * What decides grades besides options and models, such as the hash of a prompt file. Called once
   * before all work; part of artifact keys and of results.
   */
  readonly facts?: () => JsonObject | Promise<JsonObject>;
  readonly grade: (
    row: DatasetRow,
    answer: GradedAnswer,
    context: GradeContext,
  ) => Grade | Promise<Grade>;
}

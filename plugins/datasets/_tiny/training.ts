/**
 * The questions that the language models are trained on: none of them is in any split of any
 * dataset.
 */
import { seededRandom } from '../../../core/index.js';
import { drawLookup, type Lookup } from './curriculum.js';
import { drawQuestion, type TinyQuestion } from './question.js';
import { FAMILIES, GENERATOR_VERSION, tinySuite, type TinySet } from './sets.js';

/**
 * Every text of every split: none of them may be used for training.
 * @internal Exported for its tests.
 */
export function evaluationTexts(): ReadonlySet<string> {
  return new Set(
    Object.values(tinySuite()).flatMap((splits) =>
      Object.values(splits).flatMap((questions) => questions.map(({ text }) => text)),
    ),
  );
}

/**
 * An endless stream of training questions of one dataset. `part` names independent streams (pairs
 * of models, later stages).
 */
export function* trainingQuestions(set: TinySet, part: string): Generator<TinyQuestion> {
  const excluded = evaluationTexts();
  const random = seededRandom(`training/${GENERATOR_VERSION}/${set}/${part}`);
  for (;;) {
    const question = drawQuestion(FAMILIES[set], random);
    if (!excluded.has(question.text)) yield question;
  }
}

/** An endless stream of training lookups. */
export function* trainingLookups(part: string): Generator<Lookup> {
  const excluded = evaluationTexts();
  const random = seededRandom(`training/${GENERATOR_VERSION}/lookups/${part}`);
  for (;;) {
    const lookup = drawLookup(random);
    if (!excluded.has(lookup.prompt)) yield lookup;
  }
}

/** The questions the language models are trained on: none of them is in any split of any set. */
import { seededRandom } from '../../../core/index.js';
import { drawLookup, type Lookup } from './curriculum.js';
import { drawQuestion, type TinyQuestion } from './question.js';
import { FAMILIES, GENERATOR_VERSION, tinySuite, type TinySet } from './sets.js';

/** Every text of every split: nothing of it may be trained on. */
export function evaluationTexts(): ReadonlySet<string> {
  return new Set(
    Object.values(tinySuite()).flatMap((splits) =>
      Object.values(splits).flatMap((questions) => questions.map(({ text }) => text)),
    ),
  );
}

/**
 * Training questions of one set, without end. `part` names independent streams (pairs of models,
 * later stages).
 */
export function* trainingQuestions(set: TinySet, part: string): Generator<TinyQuestion> {
  const excluded = evaluationTexts();
  const random = seededRandom(`training/${GENERATOR_VERSION}/${set}/${part}`);
  for (;;) {
    const question = drawQuestion(FAMILIES[set], random);
    if (!excluded.has(question.text)) yield question;
  }
}

/** Training lookups, without end. */
export function* trainingLookups(part: string): Generator<Lookup> {
  const excluded = evaluationTexts();
  const random = seededRandom(`training/${GENERATOR_VERSION}/lookups/${part}`);
  for (;;) {
    const lookup = drawLookup(random);
    if (!excluded.has(lookup.prompt)) yield lookup;
  }
}

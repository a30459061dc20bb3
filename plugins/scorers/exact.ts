import { z } from 'zod';
import {
  inject,
  OPTIONS,
  scorer,
  type DatasetRow,
  type Grade,
  type Scorer,
} from '../../core/index.js';
import { EMPTY } from './_answer/empty.js';

const Options = z.strictObject({
  /** Ignore case. */
  ignoreCase: z.boolean().default(false),
});
type Options = z.infer<typeof Options>;

/**
 * 1 if the answer equals a reference after normalisation, else 0; an empty answer has no grade.
 * Normalisation of both sides: Unicode NFKC, white space collapsed to single spaces and trimmed,
 * one final full stop removed, and case folded if `ignoreCase` is set.
 */
@scorer({
  name: 'exact',
  summary: 'Equal to a reference after normalising Unicode, white space and one final full stop',
  aliases: ['exact-match', 'exact_match'],
  scale: [0, 1],
  options: Options,
})
export class Exact implements Scorer {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly grade = (row: DatasetRow, answer: { readonly text: string }): Grade => {
    const given = this.#normalised(answer.text);
    if (given === '') return EMPTY;
    const references = typeof row.reference === 'string' ? [row.reference] : row.reference;
    return { value: references.some((reference) => this.#normalised(reference) === given) ? 1 : 0 };
  };

  #normalised(text: string): string {
    const clean = text.normalize('NFKC').replace(/\s+/g, ' ').trim().replace(/\.$/, '').trim();
    return this.options.ignoreCase ? clean.toLowerCase() : clean;
  }
}

import { scorer, type DatasetRow, type Grade, type Scorer } from '../../core/index.js';
import { clipped } from './_answer/clip.js';
import { EMPTY, isEmpty, getReferences } from './_answer/empty.js';
import {
  hasNumbers,
  labelOfLetter,
  optionWithText,
  parseOptions,
  type Options,
} from './_choice/options.js';
import { leadingLetters } from './_choice/letters.js';
import { readChoice } from './_choice/read.js';

const NO_SUCH: Grade = { value: null, reason: 'the reference names no option' };

/**
 * The letters that a reference names: a letter, several, an option's text, or a letter with its
 * text.
 */
const wanted = (reference: string, options: Options): ReadonlySet<string> | undefined => {
  if (hasNumbers(options)) {
    const label = options.has(reference.trim())
      ? reference.trim()
      : labelOfLetter(options, reference);
    if (label !== undefined) return new Set([label]);
  }
  const text = optionWithText(options, reference);
  if (text !== undefined) return new Set([text]);
  return leadingLetters(reference.normalize('NFKC'), options)?.letters;
};

const same = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((letter) => b.has(letter));

/**
 * 1 if the answer chooses exactly the right options, else 0; null if no choice can be read from it,
 * so that another scorer may decide. A reference of several letters (`A, C`) requires all of them;
 * several references are alternatives.
 */
@scorer({
  name: 'choice',
  version: 3,
  summary: 'Multiple choice: letters, boxed or announced answers, or the text of an option',
  aliases: ['multiple-choice', 'multiple_choice'],
  scale: [0, 1],
})
export class Choice implements Scorer {
  readonly grade = (row: DatasetRow, answer: { readonly text: string }): Grade => {
    if (isEmpty(answer.text)) return EMPTY;
    const options = parseOptions(row);
    const right = getReferences(row).flatMap((reference) => wanted(reference, options) ?? []);
    if (right.length === 0) return NO_SUCH;
    const read = readChoice(clipped(clipped(answer.text).normalize('NFKC')), options);
    if ('problem' in read) return { value: null, reason: read.problem, unread: true };
    return { value: right.some((letters) => same(letters, read.letters)) ? 1 : 0 };
  };
}

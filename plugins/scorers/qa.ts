import {
  inject,
  OPTIONS,
  scorer,
  z,
  type DatasetRow,
  type Grade,
  type Scorer,
} from '../../core/index.js';
import { lastBoxed } from './_answer/boxed.js';
import { clipped } from './_answer/clip.js';
import { EMPTY, isEmpty, getReferences } from './_answer/empty.js';
import { findAnnouncedAnswer } from './_answer/announced-answer.js';
import { exactMatch, extendedWords, f1, squadWords } from './_qa/squad.js';

const Options = z.strictObject({
  /** `f1`: share of words in common; `em`: 1 if all words agree, else 0. */
  metric: z.enum(['f1', 'em']).default('f1'),
  /**
   * `squad`: words exactly as SQuAD 1.1 defines them. `extended`: after Unicode NFKC, with decimal
   * points and minus signs kept; and a reference of yes or no requires a yes or a no.
   */
  words: z.enum(['squad', 'extended']).default('squad'),
});
type Options = z.infer<typeof Options>;

const YES = new Set(['yes', 'yeah', 'yep', 'true', 'correct', '是', '对', '正确']);
const NO = new Set(['no', 'nope', 'false', 'incorrect', '否', '不', '错']);

const verdict = (word: string | undefined): 'yes' | 'no' | undefined => {
  if (word === undefined) return undefined;
  if (YES.has(word)) return 'yes';
  return NO.has(word) ? 'no' : undefined;
};

/** The short answer in a text: its box, its announcement, or all of it. */
const candidates = (text: string): readonly string[] => {
  const boxed = lastBoxed(text);
  if (boxed.length > 0) return [boxed.join(' ')];
  const announced = findAnnouncedAnswer(text);
  return announced === undefined ? [text] : [text, announced];
};

/**
 * Short answers graded as in SQuAD: the best F1, or exact match, over all references (aliases). If
 * the answer announces a short answer, the better of that and the whole counts. With `extended`
 * words, a reference of yes or no requires a yes or a no: at the start, announced, or the only one
 * in the text; an answer with neither is unread.
 */
@scorer({
  name: 'qa',
  summary: 'Short answers: F1 or exact match of words against the closest reference; yes and no',
  version: 2,
  aliases: ['squad', 'short-answer'],
  scale: [0, 1],
  options: Options,
})
export class Qa implements Scorer {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly grade = (row: DatasetRow, answer: { readonly text: string }): Grade => {
    if (isEmpty(answer.text)) return EMPTY;
    const extended = this.options.words === 'extended';
    const normalise = extended ? extendedWords : squadWords;
    // after NFKC, one character may be 18
    const text = extended ? clipped(clipped(answer.text).normalize('NFKC')) : clipped(answer.text);
    const references = getReferences(row).map(normalise);
    const [first] = references;
    const wanted = extended && first?.length === 1 ? verdict(first[0]) : undefined;
    if (
      wanted !== undefined &&
      references.every((words) => words.length === 1 && verdict(words[0]) === wanted)
    )
      return this.#yesOrNo(text, wanted);
    const measure = this.options.metric === 'em' ? exactMatch : f1;
    let best = 0;
    for (const candidate of candidates(text)) {
      const given = normalise(candidate);
      for (const words of references) best = Math.max(best, measure(given, words));
    }
    return { value: best };
  };

  #yesOrNo(text: string, wanted: 'yes' | 'no'): Grade {
    for (const candidate of [...candidates(text)].reverse()) {
      const words = extendedWords(candidate);
      const start = verdict(words[0]);
      if (start !== undefined) return { value: start === wanted ? 1 : 0 };
      const verdicts = new Set(words.map(verdict).filter((found) => found !== undefined));
      if (verdicts.size === 1) return { value: verdicts.has(wanted) ? 1 : 0 };
    }
    return { value: null, reason: 'it says neither yes nor no', unread: true };
  }
}

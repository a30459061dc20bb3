/** Sentences that choose an option without the word "answer", and those that reject one. */
import { isHypothetical, isWithdrawn } from '../_answer/announced-answer.js';
import { isRejected } from './letters.js';
import { isLabel, labelPattern, type Options } from './options.js';

const WINDOW = 20_000;
const MOST = 50;

const WOULD =
  "(?:\\s{1,3}(?:would|will|should|must|have\\s{1,3}to|am\\s{1,3}going\\s{1,3}to)|['’](?:d|ll|m\\s{1,3}going\\s{1,3}to))?";
/** Verbs of choosing, and what else surely precedes the chosen option. */
const CHOOSING = [
  `(?:i|we)${WOULD}(?:\\s{1,3}(?:therefore|thus|then))?\\s{1,3}(?:choose|chose|pick|picked|select|selected|say|go\\s{1,3}(?:with|for)|opt\\s{1,3}for|settle\\s{1,3}on|conclude)`,
  "i['’]m\\s{1,3}going\\s{1,3}with",
  '(?:my|the|our)\\s{1,3}(?:\\w{1,12}\\s{1,3})?(?:choice|pick|selection|guess|vote|verdict|conclusion)\\s{1,3}(?:is|would\\s{1,3}be|:)',
  '(?:that|this|which)\\s{1,3}leaves(?:\\s{1,3}(?:us\\s{1,3}with|only))?',
  '(?:correct|right|best)(?:\\s{1,3}(?:one|statement|match|fit)\\s{1,3}is|\\s{0,2}:)',
  'je\\s{1,3}(?:choisis|dirais)',
  'ich\\s{1,3}(?:wähle|nehme)',
  '[→⇒]|=>|->',
].join('|');
/** Words that precede a conclusion, and much else: "so B cells divide". */
const CONCLUDING = [
  "(?:so|thus|hence|therefore|then|consequently)(?:,|\\s{0,2}:|\\s{1,3}(?:it\\s{1,3}(?:is|must\\s{1,3}be|should\\s{1,3}be)|it['’]s))?",
  "it(?:\\s{1,3}(?:is|must\\s{1,3}be|should\\s{1,3}be|has\\s{1,3}to\\s{1,3}be)|['’]s)(?:\\s{1,3}(?:therefore|clearly|definitely|probably|most\\s{1,3}likely))?",
  '(?:must|should|has\\s{1,3}to)\\s{1,3}be',
  '(?:no|but|rather|instead)[,:]?',
].join('|');
const BEFORE = '(?:\\s{0,3}(?:option|choice|answer|letter|statement)\\b)?[\\s:*_`"“(\\[$]{0,8}';
/** The label is not part of a word. */
const WHOLE = "(?![\\w'’])";
/** The label is not an article, nor the first word of a name. */
const NO_NOUN = '(?!\\s{1,3}(?!(?:because|since|as|is|was|and|or)\\b)[a-z])';

const REASONS =
  '(?:is|are|was|seems|seems\\s{1,3}to\\s{1,3}be)\\s{1,3}(?:the\\s{1,3}|indeed\\s{1,3}|clearly\\s{1,3}|therefore\\s{1,3})?(?:only\\s{1,3})?(?:correct|right|best|true|better|answer|one|most\\s{1,3}(?:likely|accurate|appropriate))\\b';

/** The patterns of one kind of labels. */
interface Patterns {
  readonly chosen: RegExp;
  readonly confirmed: RegExp;
  readonly rejected: readonly RegExp[];
}

const buildPatterns = (label: string): Patterns => ({
  chosen: new RegExp(
    `(?:^|(?<![\\w]))(?:(?:${CHOOSING})${BEFORE}(${label})${WHOLE}(?:(?<![ai])|${NO_NOUN})|(?:${CONCLUDING})${BEFORE}(${label})${WHOLE}${NO_NOUN})`,
    'gi',
  ),
  confirmed: new RegExp(`\\(?\\b(${label})\\b[)*.]{0,3}\\s{1,3}${REASONS}`, 'g'),
  rejected: [
    new RegExp(
      `\\b(${label})\\b[)*.:]{0,3}\\s{0,3}(?=(?:(?:is|are|was|can\\s?be|seems)\\s{1,3}|项|选项)?(?:\\w{1,12}ly\\s{1,3})?(?:not\\b|wrong\\b|incorrect\\b|false\\b|ruled\\s{1,3}out|eliminated|tempting|isn['’]t|can['’]t|cannot|错误|不对|不正确))`,
      'g',
    ),
    new RegExp(
      `\\b(?:not|rule\\s{1,3}out|ruling\\s{1,3}out|eliminate|eliminating|exclude|reject|unlike|排除)\\s{1,3}(?:option\\s{1,3}|answer\\s{1,3})?[(*"']{0,3}(${label})(?![\\w'’])(?!\\s[a-z]{2,}\\s[a-z])`,
      'gi',
    ),
  ],
});
const PATTERNS = new Map<string, Patterns>();
const getPatterns = (options: Options): Patterns => {
  const label = labelPattern(options);
  const known = PATTERNS.get(label) ?? buildPatterns(label);
  PATTERNS.set(label, known);
  return known;
};

/** A choice of one option, and where it is. */
export interface Claim {
  readonly label: string;
  readonly index: number;
}

/** The last sentence that chooses an option: "I would choose C", "so it must be C". */
export function findClaim(text: string, options: Options): Claim | undefined {
  const start = Math.max(0, text.length - WINDOW);
  const window = text.slice(start);
  let last: Claim | undefined;
  for (const match of [...window.matchAll(getPatterns(options).chosen)].slice(-MOST)) {
    const label = match[1] ?? (match[2] as string);
    const end = match.index + match[0].length;
    const after = window.slice(end, end + 300);
    // the pattern ignores case for its words, not for the label
    if (!isLabel(options, label) || isRejected(after)) continue;
    if (/^\W{0,4}(?:or|and)\b/.test(after) || isHypothetical(window, match.index)) continue;
    const sentence = after.search(/[.!?\n]/);
    if (sentence >= 0 && isWithdrawn(after.slice(sentence))) {
      last = undefined;
      continue;
    }
    last = { label, index: start + match.index };
  }
  return last;
}

const labelsOf = (pattern: RegExp, text: string, options: Options): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(pattern)]
      .map((match) => (match[1] as string).toUpperCase())
      .filter((label) => isLabel(options, label)),
  );

/** Options of which the text says that they are right. */
export const findConfirmed = (text: string, options: Options): ReadonlySet<string> =>
  labelsOf(getPatterns(options).confirmed, text.slice(-WINDOW), options);

/** Options of which it says that they are not. */
export const findRejected = (text: string, options: Options): ReadonlySet<string> =>
  new Set(
    getPatterns(options).rejected.flatMap((pattern) => [
      ...labelsOf(pattern, text.slice(-WINDOW), options),
    ]),
  );

/** The last sentence in which a text announces its answer. */

/**
 * An answer is announced near the end of a text; searching further back costs time on hostile texts
 * and finds drafts.
 */
const WINDOW = 20_000;
/** More announcements than this are not looked at. */
const MOST = 50;

const NOUN = '(?:answers?|results?|solutions?|options?|choices?)';
const IS =
  '(?:is|are|was|would\\s{1,3}be|should\\s{1,3}be|will\\s{1,3}be|must\\s{1,3}be|equals|:|：|=|→|⇒|->|=>)';

const ANNOUNCED = new RegExp(
  [
    '####',
    `${NOUN}\\*{0,2}\\s{0,3}${IS}`,
    '(?:最终|最后|正确)?(?:答案|结果|選項|选项)\\s{0,3}(?:应该是|应为|就是|是|为|為|：|:|=)',
    '(?:故选|应选|因此选|所以选|选择|故選)\\s{0,3}(?:是|为|：|:)?',
    '(?:antwort|lösung|ergebnis)\\*{0,2}\\s{0,3}(?:ist|lautet|wäre|:)',
    '(?:réponse|reponse|solution)(?:\\s{1,3}(?:correcte|finale))?\\*{0,2}\\s{0,3}(?:est|serait|:)',
    '(?:respuesta|solución|resposta|risposta)(?:\\s{1,3}(?:corr\\w{2,5}|final\\w?))?\\*{0,2}\\s{0,3}(?:es|è|é|sería|:)',
    '(?:ответ|答え|正解|정답)\\*{0,2}\\s{0,3}(?:это|は|은|는|:|：)',
  ].join('|'),
  'gi',
);

const LEAD =
  /^(?:[\s*_:：]|(?:option|choice|approximately|exactly|equal to|actually|indeed|in fact|therefore|thus|hence|simply|then|clearly|definitely|certainly|really|now|probably|likely|most likely|still|selected as|选项)\b|选项)+/i;

/** End of a sentence: a line end, or a full stop before white space. */
const SENTENCE_END = /\n|[.!?](?=\s|$)|。|！|？/;

/** "not" after an announcement announces nothing. */
const DENIED = /^(?:not\b|n't\b|incorrect\b|wrong\b|unknown\b|unclear\b|kein\b|pas\b|no es\b|不)/i;
/** A sentence about another question: "If it had asked about x, the answer would be …". */
const HYPOTHETICAL =
  /\b(?:if|had|were|unless)\b[^.!?\n]{1,200}\b(?:had|were|was|asked|instead|would|could)\b/i;
/** What takes an announcement back. */
const WITHDRAWN =
  /^[\s*"'”)]{0,5}(?:(?:no|wait|hmm+|hold on|oops|actually|but)\b[,.!\s…—-]{0,5}){0,3}(?:(?:that|this|it)(?:\s{1,3}(?:is|was|can|does|cannot)|['’]s|\s{1,3}seems)\b[^.!?\n]{0,20}\b(?:wrong|incorrect|not|a mistake|can['’]t)|wrong\b|scratch that)/i;

/** An announcement: what it says to the end of its sentence, and where it is. */
export interface Announcement {
  readonly text: string;
  /** Position of its first character in the whole text. */
  readonly index: number;
}

/** Whether a position stands in a sentence about what would be. */
export function isHypothetical(text: string, index: number): boolean {
  const before = text.slice(Math.max(0, index - 300), index);
  if (!/\b(?:if|had|were|unless)\b/i.test(before)) return false;
  const start = Math.max(...[...'\n.!?。！？'].map((mark) => before.lastIndexOf(mark)));
  const sentence = before.slice(start + 1);
  return HYPOTHETICAL.test(sentence) || /^\W{0,3}if\b/i.test(sentence);
}

/** Whether what follows a sentence takes it back: "that is wrong", or "no" after a question. */
export const isWithdrawn = (after: string): boolean =>
  /^[\s*"'”)]{0,5}[?？][\s*"'”)]{0,5}(?:no|not)\b/i.test(after) ||
  WITHDRAWN.test(after.slice(0, 300).replace(/^[\s.!?。！*$\])]+/, ''));

/** The sentence that begins there: all of a display formula, else up to its end. */
function readSentence(rest: string): string {
  const display = /^(?:\$\$|\\\[)\s*/.exec(rest);
  if (display !== null) {
    const end = rest.slice(display[0].length).search(/\$\$|\\\]/);
    if (end >= 0) return rest.slice(display[0].length, display[0].length + end).trim();
  }
  const end = rest.search(SENTENCE_END);
  return (end < 0 ? rest : rest.slice(0, end)).trim();
}

/**
 * The last announcement, or undefined. One that is denied, taken back, or about another question
 * counts as none.
 */
export function findAnnouncement(text: string): Announcement | undefined {
  const start = Math.max(0, text.length - WINDOW);
  const window = text.slice(start);
  let last: Announcement | undefined;
  for (const match of [...window.matchAll(ANNOUNCED)].slice(-MOST)) {
    const given = window.slice(match.index + match[0].length, match.index + match[0].length + 1000);
    const after = given.replace(LEAD, '');
    if (after === '' || DENIED.test(after)) continue;
    if (isHypothetical(window, match.index)) continue;
    const said = readSentence(after);
    if (said === '') continue;
    const behind = after.slice(after.indexOf(said) + said.length);
    if (isWithdrawn(behind)) {
      last = undefined;
      continue;
    }
    last = {
      text: said,
      index: start + match.index + match[0].length + given.length - after.length,
    };
  }
  return last;
}

/** What the last announcement says, or undefined. */
export const findAnnouncedAnswer = (text: string): string | undefined =>
  findAnnouncement(text)?.text;

/** The last sentence in which a text announces its answer, in English or Chinese. */

/**
 * An answer is announced near the end of a text; searching further back costs time on hostile texts
 * and finds drafts.
 */
const WINDOW = 20_000;

const ANNOUNCED = new RegExp(
  [
    '####',
    '(?:answers?|results?|solutions?|options?|choices?)\\*{0,2}\\s{0,3}(?:is|are|was|would\\s{1,3}be|should\\s{1,3}be|will\\s{1,3}be|must\\s{1,3}be|equals|:|：|=)(?:\\s{0,3}(?:therefore|thus|simply|then|clearly)\\b)?',
    '(?:最终|最后|正确)?(?:答案|结果|選項|选项)\\s{0,3}(?:应该是|应为|就是|是|为|為|：|:|=)',
    '(?:故选|应选|因此选|所以选|选择|故選)\\s{0,3}(?:是|为|：|:)?',
  ].join('|'),
  'gi',
);

const LEAD = /^(?:[\s*_:：]|(?:option|choice|approximately|exactly|equal to|选项)\b|选项)+/i;

/** End of a sentence: a line end, or a full stop before white space. */
const SENTENCE_END = /\n|[.!?](?=\s|$)|。|！/;

/**
 * The rest of the sentence after the last announcement, or undefined. "not" after it announces
 * nothing.
 */
export function findAnnouncedAnswer(text: string): string | undefined {
  const window = text.slice(-WINDOW);
  let rest: string | undefined;
  for (const match of window.matchAll(ANNOUNCED)) {
    const after = window
      .slice(match.index + match[0].length, match.index + match[0].length + 1000)
      .replace(LEAD, '');
    if (after === '' || /^(?:not|n't|incorrect|wrong|不)\b/i.test(after) || after.startsWith('不'))
      continue;
    rest = after;
  }
  if (rest === undefined) return undefined;
  const display = /^(?:\$\$|\\\[)\s*/.exec(rest);
  if (display !== null) {
    const end = rest.slice(display[0].length).search(/\$\$|\\\]/);
    if (end >= 0) return rest.slice(display[0].length, display[0].length + end).trim();
  }
  const end = rest.search(SENTENCE_END);
  const announced = (end < 0 ? rest : rest.slice(0, end)).trim();
  return announced === '' ? undefined : announced;
}

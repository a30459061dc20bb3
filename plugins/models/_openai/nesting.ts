/** Limits of the JSON of a reply, checked before it is parsed: small texts can hold huge values. */
import { RequestFailure } from './failure.js';

const DEEPEST = 100;
const MOST_VALUES = 4_000_000;

const [QUOTE, COMMA, BACKSLASH] = [34, 44, 92];
const OPEN = new Set([91, 123]);
const CLOSE = new Set([93, 125]);

/**
 * Checks how deep a JSON text is nested, and how many values it has.
 * @throws RequestFailure with RXB4120
 */
export function checkNesting(text: string): void {
  let [depth, values, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted) at += code === BACKSLASH ? 1 : 0;
    else if (OPEN.has(code)) {
      depth++;
      values++;
    } else if (CLOSE.has(code)) depth--;
    else if (code === COMMA) values++;
    if (depth > DEEPEST || values > MOST_VALUES)
      throw new RequestFailure(
        'rejected',
        depth > DEEPEST
          ? `the reply is nested deeper than ${DEEPEST} levels`
          : `the reply has more than ${MOST_VALUES} values`,
        { error: 'unreadableReply' },
      );
  }
}

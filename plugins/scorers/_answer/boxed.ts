/** The contents of `\boxed{…}`, in one pass over the text, however the braces are nested. */

const COMMANDS = ['boxed', 'fbox'] as const;
/** What may stand between boxes besides a conjunction: spaces, delimiters, the next name. */
const BETWEEN = /[\s$*]|\\[()[\];,!]|\\q?quad(?![a-z])/g;
const NEXT_NAME = /\\?[A-Za-z]{1,5}(?:_\{?\w{1,3}\}?)?=$/;
const JOINING =
  /^(?:(?:,|;|&|\\text(?:rm|bf|it)?\{(?:,|and|or)*\}|and|or|和|或|以及)*|[^.?!:]{0,40}\band\s{0,3}\}?)$/i;
/** Words between boxes that contrast them, so that only the last one counts. */
const CONTRAST =
  /\b(?:but|no|not|first|then|wait|instead|actually|is|was|are|would|could|looks|seems|now)\b/i;

/** Boxes with nothing but a conjunction between them are one answer. */
function isJoined(between: string): boolean {
  if (CONTRAST.test(between)) return false;
  const words = between.replace(/\s{0,3}\\?[A-Za-z]{1,5}(?:_\{?\w{1,3}\}?)?\s{0,3}=\s{0,3}$/, '');
  return (
    JOINING.test(words.replace(BETWEEN, '').replace(NEXT_NAME, '')) ||
    JOINING.test(words.replace(/[$*]|\\[()[\]]/g, '').trim())
  );
}
const GAP = 40;

/** A box and where it is. */
interface Box {
  readonly from: number;
  readonly to: number;
  readonly content: string;
}

const boxes = (text: string): readonly Box[] => {
  const found: Box[] = [];
  const open: { readonly start: number; readonly content: number; readonly boxed: boolean }[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '\\') {
      const name = COMMANDS.find((command) => text.startsWith(command, i + 1));
      if (name === undefined) {
        i++; // an escaped brace does not count
        continue;
      }
      let start = i + 1 + name.length;
      while (text[start] === ' ') start++;
      if (text[start] === '{') {
        open.push({ start: i, content: start + 1, boxed: true });
        i = start;
      } else {
        const end = text.slice(start, start + 64).search(/[\s$]/);
        const content = text.slice(start, end < 0 ? start + 64 : start + end);
        if (content !== '') found.push({ from: i, to: start + content.length, content });
        i = Math.max(i, start - 1);
      }
    } else if (character === '{') open.push({ start: i, content: i + 1, boxed: false });
    else if (character === '}') {
      const last = open.pop();
      if (last?.boxed === true) {
        // the outer box contains it
        while (found.length > 0 && (found.at(-1) as Box).from > last.start) found.pop();
        found.push({ from: last.start, to: i + 1, content: text.slice(last.content, i) });
      }
    }
  }
  return found;
};

/** The last box with those joined to it, and where they end. */
export interface LastBoxes {
  readonly contents: readonly string[];
  readonly end: number;
}

/**
 * The contents of the last box, and of those joined to it ("\boxed{1} and \boxed{2}"), in order;
 * undefined if no box is closed.
 */
export function findLastBoxes(text: string): LastBoxes | undefined {
  const all = boxes(text).filter(({ content }) => content.trim() !== '');
  const last = all.at(-1);
  if (last === undefined) return undefined;
  let first = all.length - 1;
  while (first > 0) {
    const [before, after] = [all[first - 1] as Box, all[first] as Box];
    if (after.from - before.to > GAP || !isJoined(text.slice(before.to, after.from))) break;
    first--;
  }
  return { contents: all.slice(first).map(({ content }) => content.trim()), end: last.to };
}

/** The contents of the last boxes; empty if there are none. */
export const lastBoxed = (text: string): readonly string[] => findLastBoxes(text)?.contents ?? [];

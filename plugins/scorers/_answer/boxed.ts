/** The contents of `\boxed{…}`, in one pass over the text, however the braces are nested. */

const COMMANDS = ['boxed', 'fbox'] as const;
const JOINING = /(?:,|;|\band\b|\bor\b|和|或|以及)/i;
/** Boxes at most this far apart, with a conjunction between them, are one answer. */
const GAP = 40;

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

/**
 * The contents of the last box, and of those joined to it ("\boxed{1} and \boxed{2}"), in order;
 * empty if no box is closed.
 */
export function lastBoxed(text: string): readonly string[] {
  const all = boxes(text);
  let first = all.length - 1;
  while (first > 0) {
    const [before, after] = [all[first - 1] as Box, all[first] as Box];
    if (after.from - before.to > GAP || !JOINING.test(text.slice(before.to, after.from))) break;
    first--;
  }
  return all
    .slice(Math.max(0, first))
    .map(({ content }) => content.trim())
    .filter((content) => content !== '');
}

/**
 * String literals of a Python source file: plain, triple-quoted, and neighbours that Python joins.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
};

interface Literal {
  readonly text: string;
  readonly end: number;
}

function literalAt(source: string, start: number): Literal | undefined {
  const prefix = /^[rRfFuU]{0,2}(?=['"])/.exec(source.slice(start, start + 3));
  if (prefix === null) return undefined;
  const raw = /r/i.test(prefix[0]);
  let at = start + prefix[0].length;
  const quote = source[at] as string;
  const delimiter = source.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
  at += delimiter.length;
  let text = '';
  while (at < source.length) {
    if (source.startsWith(delimiter, at)) return { text, end: at + delimiter.length };
    const character = source[at] as string;
    if (character === '\n' && delimiter.length === 1) return undefined; // not closed on its line
    if (character === '\\' && !raw) {
      const next = source[at + 1] ?? '';
      text += ESCAPES[next] ?? `\\${next}`;
      at += 2;
    } else {
      text += character;
      at++;
    }
  }
  return undefined;
}

/** All texts that the source holds, neighbours joined. */
export function pythonStrings(source: string): readonly string[] {
  const found: string[] = [];
  let at = 0;
  let joined: string | undefined;
  while (at < source.length) {
    const character = source[at] as string;
    const before = source[at - 1] ?? '';
    const literal =
      /['"rRfFuU]/.test(character) && !/\w/.test(before) ? literalAt(source, at) : undefined;
    if (literal !== undefined) {
      joined = (joined ?? '') + literal.text;
      at = literal.end;
      continue;
    }
    if (character === '#') {
      const end = source.indexOf('\n', at);
      at = end < 0 ? source.length : end;
      continue;
    }
    if (!/[\s\\]/.test(character) && joined !== undefined) {
      found.push(joined);
      joined = undefined;
    }
    at++;
  }
  if (joined !== undefined) found.push(joined);
  return found;
}

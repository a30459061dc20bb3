/**
 * String literals of a Python source file: plain, triple-quoted, and adjacent ones that Python
 * concatenates.
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
  let position = start + prefix[0].length;
  const quote = source[position] as string;
  const delimiter = source.startsWith(quote.repeat(3), position) ? quote.repeat(3) : quote;
  position += delimiter.length;
  let text = '';
  while (position < source.length) {
    if (source.startsWith(delimiter, position)) return { text, end: position + delimiter.length };
    const character = source[position] as string;
    if (character === '\n' && delimiter.length === 1) return undefined; // not closed on its line
    if (character === '\\' && !raw) {
      const next = source[position + 1] ?? '';
      text += ESCAPES[next] ?? `\\${next}`;
      position += 2;
    } else {
      text += character;
      position++;
    }
  }
  return undefined;
}

/** All strings in the source, adjacent ones concatenated. */
export function pythonStrings(source: string): readonly string[] {
  const found: string[] = [];
  let position = 0;
  let joined: string | undefined;
  while (position < source.length) {
    const character = source[position] as string;
    const before = source[position - 1] ?? '';
    const literal =
      /['"rRfFuU]/.test(character) && !/\w/.test(before) ? literalAt(source, position) : undefined;
    if (literal !== undefined) {
      joined = (joined ?? '') + literal.text;
      position = literal.end;
      continue;
    }
    if (character === '#') {
      const end = source.indexOf('\n', position);
      position = end < 0 ? source.length : end;
      continue;
    }
    if (!/[\s\\]/.test(character) && joined !== undefined) {
      found.push(joined);
      joined = undefined;
    }
    position++;
  }
  if (joined !== undefined) found.push(joined);
  return found;
}

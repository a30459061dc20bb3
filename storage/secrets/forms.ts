/** The forms in which a secret may occur in a text, as sources of regular expressions. */

/** A secret longer than this is found by its beginning; the expressions would grow too long. */
const LONGEST = 64;
/** So many characters tell a secret from most other texts. */
const BEGINNING = 6;
/** What may follow the beginning of a secret as its rest; no part of an escape sequence is left. */
const REST = String.raw`(?:[\w+/=.~%&#;-]|\\{1,8}(?:u[\da-f]{4}|x[\da-f]{2}|\/))`;
/** A text that holds this share of a secret, from its beginning, has too much of it. */
const TOO_MUCH = 2 / 3;

const hex = (value: number, digits = 2): string => value.toString(16).padStart(digits, '0');

/** A character in an expression, in a set of characters too. */
const escape = (character: string): string =>
  /^[a-z\d]$/i.test(character)
    ? character
    : [...Array(character.length).keys()]
        .map((at) => String.raw`\u${hex(character.charCodeAt(at), 4)}`)
        .join('');

/** Backslashes before a character, which JSON inside of JSON doubles. */
const BACKSLASHES = String.raw`\\{0,8}`;

/** What may be between two characters: white space, also as JSON writes it. */
const GAP = String.raw`(?:\s|\\[nrt]){0,2}`;
/** What may be between two bytes in hexadecimal digits. */
const BYTE_GAP = String.raw`(?:[\s:,_-]|\\[nrt]){0,2}(?:0x|\\{1,8}x|%)?`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '|&amp;',
  '<': '|&lt;',
  '>': '|&gt;',
  '"': '|&quot;',
  "'": '|&apos;',
  ' ': String.raw`|\+`,
};

/**
 * A character as it is, or as JSON, JavaScript, URLs and HTML write it. Backslashes may be doubled
 * by JSON inside of JSON. No part may match in two ways, or matching could take forever.
 */
function characterSource(character: string): string {
  const code = character.codePointAt(0) as number;
  const units = [...Array(character.length).keys()]
    .map((at) => String.raw`\\{1,8}u${hex(character.charCodeAt(at), 4)}`)
    .join('');
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25)?${hex(byte)}`).join('');
  const forms = [
    `${BACKSLASHES}${escape(character)}`,
    units,
    ...(code < 256 ? [String.raw`\\{1,8}x${hex(code)}`] : []),
    String.raw`\\{1,8}u\{0{0,8}${code.toString(16)}\}`,
    percent,
    `&#0{0,8}${code};`,
    `&#x0{0,8}${code.toString(16)};`,
  ];
  return `(?:${forms.join('|')}${ENTITIES[character] ?? ''})`;
}

/** The characters one after the other: the whole text, or too much of its beginning. */
function textSource(text: string): string {
  const characters = [...text];
  const enough = Math.max(8, Math.ceil(TOO_MUCH * characters.length));
  const first = characters.slice(0, enough).map(characterSource).join(GAP);
  const rest = characters.slice(enough);
  if (rest.length === 0) return first;
  // a quote or backslash may be part of the JSON around it
  const set = [...new Set(rest)].filter((character) => !/["\\]/.test(character));
  const some = set.length === 0 ? '' : `[${set.map(escape).join('')}]{0,${rest.length}}`;
  return `${first}(?:${GAP}${rest.map(characterSource).join(GAP)}|${some})`;
}

/**
 * The characters of base64 that depend on the secret alone, whatever is before and after it;
 * `before`: number of bytes before it, modulo 3.
 */
function base64Source(bytes: Buffer, before: 0 | 1 | 2): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const bits = 8 * (before + bytes.length);
  const known = text.slice(before === 0 ? 0 : before + 1, Math.floor(bits / 6));
  return [...known]
    .map((character) => {
      if (character === '+') return '(?:[+-]|%(?:25)?2b)';
      return character === '/' ? String.raw`(?:\\{0,8}[/_]|%(?:25)?2f)` : character;
    })
    .join(GAP);
}

/** Whole forms of the beginning of a secret: reversed, in base64 and hexadecimal digits too. */
function listSources(characters: readonly string[], length: number): readonly string[] {
  const first = characters.slice(0, length).join('');
  const bytes = Buffer.from(first);
  return [
    textSource(first),
    textSource([...characters].reverse().slice(0, length).join('')),
    base64Source(bytes, 0),
    base64Source(bytes, 1),
    base64Source(bytes, 2),
    [...bytes].map((byte) => hex(byte)).join(BYTE_GAP),
  ];
}

/** How a secret is found in a text. */
export interface SecretForms {
  /** Matches wherever one of the forms begins, and seldom elsewhere; short, and thus fast. */
  readonly beginning: RegExp;
  /** Each matches one form. */
  readonly whole: readonly RegExp[];
}

/** The expressions for a secret: as it is, reversed, in base64 and hexadecimal digits. */
export function buildForms(secret: string): SecretForms {
  const characters = [...secret];
  const left = characters.length - LONGEST;
  const rest = left > 0 ? `${REST}{0,${4 * left}}` : '';
  return {
    // without the backslashes before it, which would have to be looked for at every character
    beginning: new RegExp(
      listSources(characters, BEGINNING)
        .map((source) =>
          source.startsWith(`(?:${BACKSLASHES}`) ? source.replace(BACKSLASHES, '') : source,
        )
        .join('|'),
      'i',
    ),
    whole: listSources(characters, LONGEST).map(
      (source) => new RegExp(`(?:${source})${rest}`, 'gi'),
    ),
  };
}

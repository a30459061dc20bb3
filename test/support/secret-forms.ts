/** Ways in which a text may hold a secret, written apart from the code that removes them. */

const unicode = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** The secret in each form that servers and programs commonly write. */
export const secretForms = (key: string): Readonly<Record<string, string>> => ({
  plain: key,
  JSON: JSON.stringify(key).slice(1, -1),
  'JSON in JSON': JSON.stringify(JSON.stringify(key)).slice(3, -3),
  'escaped characters': [...key].map(unicode).join(''),
  'one escaped character': `${key.slice(0, 5)}${unicode(key.charAt(5))}${key.slice(6)}`,
  'escaped slashes': key.replaceAll('/', '\\/'),
  URL: encodeURIComponent(key),
  'URL, lower case': encodeURIComponent(key).toLowerCase(),
  base64: Buffer.from(key).toString('base64'),
  'base64 after one byte': Buffer.from(`:${key}:`).toString('base64'),
  'base64 after two bytes': Buffer.from(`u:${key}, and more`).toString('base64'),
  base64url: Buffer.from(`user:${key}`).toString('base64url'),
  hex: Buffer.from(key).toString('hex'),
  'hex, upper case': Buffer.from(key).toString('hex').toUpperCase(),
  'hex with gaps': (Buffer.from(key).toString('hex').match(/../g) ?? []).join(' '),
  'upper case': key.toUpperCase(),
  reversed: [...key].reverse().join(''),
  spaced: [...key].join(' '),
  'two lines': `${key.slice(0, 10)}\n${key.slice(10)}`,
  entities: [...key].map((character) => `&#${character.charCodeAt(0)};`).join(''),
  'most of it': key.slice(0, Math.ceil(0.8 * key.length)),
});

/** A text as each of its readers would see it. */
const readings = (text: string): readonly string[] => {
  const unescaped = text
    .replace(/\\+u([\da-f]{4})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    .replace(/\\+n/g, '\n')
    .replaceAll('\\', '');
  return [
    text,
    unescaped,
    unescaped.replace(/%([\da-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(parseInt(code, 16)),
    ),
    unescaped.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
    unescaped.replace(/\s+/g, ''),
  ];
};

/** The form in which a text still holds a secret; undefined if it holds none. */
export function findSecret(text: string, key: string): string | undefined {
  const seen = readings(text).map((reading) => reading.toLowerCase());
  const parts: readonly (readonly [string, string])[] = [
    ['plain', key.slice(0, Math.ceil(0.7 * key.length))],
    [
      'reversed',
      [...key]
        .reverse()
        .join('')
        .slice(0, Math.ceil(0.7 * key.length)),
    ],
    ['hex', Buffer.from(key).toString('hex')],
    ...[0, 1, 2].map((before): readonly [string, string] => {
      const whole = Buffer.from('.'.repeat(before) + key).toString('base64url');
      return [`base64 after ${before}`, whole.slice(before === 0 ? 0 : before + 1, -2)];
    }),
  ];
  return parts.find(([, part]) =>
    seen.some((reading) =>
      [reading, reading.replaceAll('+', '-').replaceAll('/', '_')].some((one) =>
        one.includes(part.toLowerCase()),
      ),
    ),
  )?.[0];
}

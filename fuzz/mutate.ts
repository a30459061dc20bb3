/** Ways to damage data: bytes, JSON values, and lines of JSON. */
import type { Random } from '../core/index.js';

const TOKENS = [
  ...['null', '1e999', '-1', '-0', '""', '[]', '{}', 'NaN', 'true', '99999999999999999999', ',,'],
  ...['\u0000', '\ud83d', '\ufeff', '\\u0000', '\\ud800', '"\n"', '\r', '\u2028', '__proto__'],
  ...['"__proto__":{"x":1},', '"', '\\', '../', '\u001b[2J', '['.repeat(3000), '{"a":'.repeat(500)],
];

type ChangeBytes = (bytes: Buffer, at: number, length: number, random: Random) => Buffer;

/** Replaces `length` bytes. */
const splice = (bytes: Buffer, at: number, length: number, put: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + length)]);
const noise = (length: number, random: Random): Buffer =>
  Buffer.from(Array.from({ length }, () => random.int(0, 255)));
const setByte = (bytes: Buffer, at: number, change: (byte: number) => number): Buffer => {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy[at] = change(copy[at] as number) & 255;
  return copy;
};

const BYTE_CHANGES: readonly ChangeBytes[] = [
  (bytes, at, _, random) => setByte(bytes, at, (byte) => byte ^ (1 << random.int(0, 7))),
  (bytes, at, _, random) => setByte(bytes, at, () => random.int(0, 255)),
  (bytes, at, _, random) => setByte(bytes, at, (byte) => byte + random.pick([-1, 1])),
  (bytes, at) => bytes.subarray(0, at), // truncated
  (bytes, at, length) => splice(bytes, at, length, Buffer.alloc(0)),
  (bytes, at, length) => splice(bytes, at, 0, bytes.subarray(at, at + length)), // doubled
  (bytes, at, length, random) => splice(bytes, at, 0, noise(length, random)),
  (bytes, at, length) =>
    splice(bytes, at, length, Buffer.alloc(Math.min(length, bytes.length - at))),
  (bytes, at, _, random) => splice(bytes, at, 0, Buffer.from(random.pick(TOKENS))),
  (bytes, at, length, random) => splice(bytes, at, length, Buffer.from(random.pick(TOKENS))),
  (bytes, at) => Buffer.concat([bytes, bytes.subarray(at)]),
  (bytes, at, length, random) => {
    const from = random.int(0, bytes.length);
    return splice(bytes, at, length, bytes.subarray(from, from + length));
  },
];

/** The bytes, damaged in one to four places. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let out = Buffer.from(bytes);
  for (let left = random.int(1, 4); left > 0; left--) {
    const at = random.int(0, out.length);
    const length = random.int(0, Math.min(64, out.length - at));
    out = Buffer.from(random.pick(BYTE_CHANGES)(out, at, length, random));
  }
  return out;
}

const nest = (depth: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

/** Values that belong nowhere, or are at the edge of what is allowed. */
const ODD: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 1, 2, 0.5, 1.5, -1.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)],
  ...[
    1e308,
    -1e308,
    5e-324,
    1e21,
    '',
    ' ',
    '0',
    '-1',
    'x',
    'é',
    'NaN',
    '1e400',
    '\u0000',
    '\ud800',
  ],
  ...['__proto__', 'constructor', 'toString', '../../x', '/etc/passwd', '\u001b[2J', '\u202e'],
  ...['y'.repeat(3000), [], [null], [[]], {}, { a: 1 }, { length: -1 }, [1, 2, 3], ['a', 'b']],
  ...[[0.3, 0.2], JSON.parse('{"__proto__":{"x":1}}'), { constructor: { prototype: { x: 1 } } }],
  ...[nest(90), nest(2000), Array.from({ length: 5000 }, () => 0)],
];

type Place = readonly [holder: Record<string, unknown>, key: string];

function placesOf(value: unknown): Place[] {
  const places: Place[] = [];
  const walk = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push([holder as Record<string, unknown>, key]);
      walk((holder as Record<string, unknown>)[key]);
    }
  };
  walk(value);
  return places;
}

/** An own property, also where the key is `__proto__`. */
const define = (holder: object, key: string, value: unknown): void =>
  void Object.defineProperty(holder, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });

type ChangeJson = (place: Place, places: readonly Place[], random: Random) => void;
const replace: ChangeJson = ([holder, key], _, random) =>
  define(holder, key, structuredClone(random.pick(ODD)));
const JSON_CHANGES: readonly ChangeJson[] = [
  ...[replace, replace, replace],
  ([holder, key]) => {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  },
  ([holder, key], _, random) => {
    const value = structuredClone(random.pick(ODD));
    const name = random.pick(['x', '__proto__', 'constructor', `${key} `, key.toUpperCase(), '']);
    if (Array.isArray(holder)) holder.push(value);
    else define(holder, name, value);
  },
  ([holder, key], places, random) => {
    const [other, name] = random.pick(places);
    define(holder, key, structuredClone(other[name]));
  },
  ([holder, key], _, random) => {
    const value = holder[key];
    if (typeof value === 'number')
      holder[key] = random.pick([value + 1, value - 1, -value, value * 2 ** 31, value + 0.5]);
    else if (typeof value === 'string')
      holder[key] = random.pick([`${value} `, value.slice(1), value + value, value.toUpperCase()]);
    else if (Array.isArray(value)) holder[key] = [...value, ...structuredClone(value)];
    else holder[key] = [value];
  },
];

/** A copy of a JSON value, changed in one or two places. */
export function mutateJson(value: unknown, random: Random): unknown {
  const copy: unknown = structuredClone(value);
  for (let left = random.int(1, 2); left > 0; left--) {
    const places = placesOf(copy);
    if (places.length === 0) return structuredClone(random.pick(ODD));
    random.pick(JSON_CHANGES)(random.pick(places), places, random);
  }
  return copy;
}

/** Lines of JSON: some rows changed, or else the bytes of the whole. */
export function mutateLines(rows: readonly unknown[], random: Random): Buffer {
  const whole = (lines: readonly unknown[]): Buffer =>
    Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  if (random.float() < 0.5) return mutateBytes(whole(rows), random);
  const share = random.pick([0.1, 0.3, 1]);
  return whole(rows.map((row) => (random.float() < share ? mutateJson(row, random) : row)));
}

/** A JSON document: one value changed, or else the bytes of the whole. */
export function mutateDocument(value: unknown, random: Random): Buffer {
  return random.float() < 0.5
    ? mutateBytes(Buffer.from(JSON.stringify(value)), random)
    : Buffer.from(JSON.stringify(mutateJson(value, random)));
}

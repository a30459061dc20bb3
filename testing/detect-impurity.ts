/** Observes a plugin: what it reads, what it changes, whether it uses the clock or randomness. */
import { createHash } from 'node:crypto';
import type { RouterInput } from '../core/contracts.js';

/** Keys that the JavaScript engine itself may read on any object. */
const ASKED_BY_THE_LANGUAGE = new Set(['then', 'toJSON', 'constructor']);

const noting = <T extends object>(target: T, path: string, note: (read: string) => void): T => {
  const seen = (key: string | symbol): void => {
    if (typeof key === 'string' && !(key in target) && !ASKED_BY_THE_LANGUAGE.has(key))
      note(`${path}.${key}`);
  };
  return new Proxy(target, {
    get(object, key) {
      seen(key);
      return Reflect.get(object, key) as unknown;
    },
    has(object, key) {
      seen(key);
      return key in object;
    },
  });
};

/**
 * A copy of a router's input that records every access to a member that a router input does not
 * have.
 */
export function watchedInput(
  { query, signals }: RouterInput<object>,
  note: (read: string) => void,
): RouterInput<object> {
  return noting(
    {
      query: noting({ ...query }, 'input.query', note),
      signals: noting({ ...signals }, 'input.signals', note),
    },
    'input',
    note,
  );
}

/** Freezes everything except typed arrays, which cannot be frozen; {@link digest} covers those. */
export function frozen<T>(value: T): T {
  if (
    typeof value !== 'object' ||
    value === null ||
    ArrayBuffer.isView(value) ||
    Object.isFrozen(value)
  )
    return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

/** Hash of a value and everything reachable from it. */
export function digest(value: unknown): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => {
    if (ArrayBuffer.isView(value))
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    else if (Array.isArray(value)) {
      hash.update(`[${value.length}`);
      value.forEach(add);
    } else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value).sort()) {
        hash.update(`{${key}`);
        add((value as Record<string, unknown>)[key]);
      }
    } else hash.update(`${typeof value} ${String(value)};`);
  };
  add(value);
  return hash.digest('hex');
}

/** Runs a function and lists the sources of randomness and time that it used. */
export async function detectRandomness(run: () => unknown): Promise<readonly string[]> {
  const asked = new Set<string>();
  const { random } = Math;
  const { now } = Date;
  Math.random = () => {
    asked.add('Math.random');
    return random();
  };
  Date.now = () => {
    asked.add('Date.now');
    return now();
  };
  try {
    await run();
  } finally {
    Math.random = random;
    Date.now = now;
  }
  return [...asked];
}

/**
 * The secrets that this process knows, and texts without them. Whatever is written or shown goes
 * through {@link redact} at the place where it leaves the process.
 */
import { buildForms, type SecretForms } from './forms.js';

/** Shorter secrets are not looked for: they would be found in texts by chance. */
export const SHORTEST_SECRET = 8;

/** A line of a log that is longer is passed on before it ends. */
const LONGEST_LINE = 2 ** 20;

/** What is put in the place of a secret. */
export const REDACTED = '[secret]';

/** Values that are set where a server wants a key but checks none. */
const PLACEHOLDERS: ReadonlySet<string> = new Set([
  'anything',
  'changeme',
  'lm-studio',
  'no-api-key',
  'no-key-required',
  'not-needed',
  'not-required',
  'password',
  'placeholder',
  'sk-no-key-required',
  'sk-placeholder',
  'username',
]);

/** Names of parameters in the query of an address that hold keys. */
const SECRET_PARAMETER = /key|token|secret|passw|signature|credential|^(?:sig|auth|code|pwd)$/i;

const known = new Map<string, SecretForms>();

/** Whether a value is looked for in texts: long enough, no number, and no mere placeholder. */
export const isRedacted = (value: string): boolean =>
  [...value].length >= SHORTEST_SECRET && /[^\d.+-]/.test(value) && !PLACEHOLDERS.has(value);

/** From now on, this value is removed from everything that is written or shown. */
export function addSecret(value: string): void {
  for (const each of [value.trim(), value.trim().replace(/^(?:Basic|Bearer|Token)\s+/i, '')]) {
    if (isRedacted(each) && !known.has(each)) known.set(each, buildForms(each));
  }
}

/** The form of a text without percent signs; itself where it is not of that form. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The secrets in an address: its password, a user without one, and the keys in its query. */
function findSecrets(address: string): readonly string[] {
  const password = /^(?:[a-z][a-z\d+.-]*:\/\/)?[^/?#@:]*:([^/?#]*)@/i.exec(address)?.[1];
  const user = /^[a-z][a-z\d+.-]*:\/\/([^/?#@:]+)@/i.exec(address)?.[1];
  const query = /\?([^#]*)/.exec(address)?.[1] ?? '';
  const keys = query.split('&').flatMap((parameter) => {
    const [name = '', value = ''] = parameter.split(/=(.*)/s);
    return SECRET_PARAMETER.test(name) ? [value] : [];
  });
  return [password ?? '', user ?? '', ...keys].filter((secret) => secret !== '');
}

/** Whether an address holds a password or a key. */
export const hasSecret = (address: string): boolean => findSecrets(address).length > 0;

/** Adds the secrets in an address. */
export function addSecretsOfAddress(address: string): void {
  for (const secret of findSecrets(address)) {
    addSecret(secret);
    addSecret(decode(secret));
  }
}

/** An address as it may be shown: without user, password and query. */
export function showAddress(address: string): string {
  if (!/^[a-z][a-z\d+.-]*:\/\//i.test(address) || !URL.canParse(address)) return REDACTED;
  const url = new URL(address);
  const path = url.pathname === '/' ? '' : url.pathname;
  return `${url.protocol}//${url.host}${path}${url.search === '' ? '' : '?…'}`;
}

/**
 * Forgets all secrets; a process knows its own until it ends.
 * @internal Exported for its tests.
 */
export function forgetSecrets(): void {
  known.clear();
}

/**
 * A text without the secrets of this process, in whatever usual form they are written: plain,
 * escaped, reversed, with spaces, in base64 or hexadecimal digits, cut off near the end.
 */
export function redact(text: string): string {
  let clean = text;
  for (const { beginning, whole } of known.values())
    if (beginning.test(clean)) for (const form of whole) clean = clean.replace(form, REDACTED);
  return clean;
}

/**
 * Removes secrets from a text that arrives in parts, such as a log: complete lines are passed on.
 */
export class LineRedactor {
  #held = '';

  pass(part: string): string {
    const text = this.#held + part;
    const end = 1 + Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r'));
    const rest = text.slice(end);
    this.#held = rest.length > LONGEST_LINE ? '' : rest;
    return redact(rest.length > LONGEST_LINE ? text : text.slice(0, end));
  }

  /** The remaining text, after the last part. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return redact(rest);
  }
}

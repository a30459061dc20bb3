import { createHash } from 'node:crypto';

/** Hash of a prompt, as results show it: 24 hex digits of SHA-256 of its parts. */
export function promptHash(...parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 24);
}

/** A prompt with its `{name}` placeholders filled; inserted text is not filled again. */
export const filled = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);

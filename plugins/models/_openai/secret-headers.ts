import { addSecret } from 'routerxbench/redact';
import { HarnessError, type Secrets } from '../../../core/index.js';
import type { OpenAiOptions } from './options.js';
import { ModelError } from '../_errors.js';

/** Request headers with their secrets filled in. */
export interface SecretHeaders {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads the keys that the options name. Servers repeat keys in their messages: from now on they are
 * removed from whatever is written or shown.
 * @throws HarnessError RXB1004 if a variable is not set.
 */
export function secretHeaders(
  options: Pick<OpenAiOptions, 'apiKey' | 'headers'>,
  secrets: Secrets,
): SecretHeaders {
  const read = (reference: { readonly env: string }, path: string): string => {
    const value = secrets.read(reference, path).trim(); // pasted with a line break, for one
    if (value === '') throw new HarnessError('unsetVariable', { name: reference.env, path });
    if (!/^[\x20-\x7e\x80-\xff]*$/.test(value))
      throw new ModelError('unusableKey', { name: reference.env, path });
    addSecret(value);
    return value;
  };
  const headers: Record<string, string> = {};
  if (options.apiKey !== undefined)
    headers['authorization'] = `Bearer ${read(options.apiKey, 'apiKey')}`;
  for (const [name, value] of Object.entries(options.headers))
    headers[name.toLowerCase()] =
      typeof value === 'string' ? value : read(value, `headers.${name}`);
  return { headers };
}

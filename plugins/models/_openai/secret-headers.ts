import type { Secrets } from '../../../core/index.js';
import type { OpenAiOptions } from './options.js';
import { ModelError } from '../_errors.js';
import { buildSecretForms, withoutSecrets } from './secret-filter.js';

/**
 * Request headers with their secrets filled in, and a function that removes those secrets from any
 * text.
 */
export interface SecretHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Servers repeat keys in their messages: every text from a server passes through this before it
   * is kept or shown.
   */
  readonly clean: (text: string) => string;
}

/**
 * Reads the keys that the options name.
 * @throws HarnessError RXB1004 if a variable is not set.
 */
export function secretHeaders(
  options: Pick<OpenAiOptions, 'apiKey' | 'headers'>,
  secrets: Secrets,
): SecretHeaders {
  const known: string[] = [];
  const read = (reference: { readonly env: string }, path: string): string => {
    const value = secrets.read(reference, path).trim(); // pasted with a line break, for one
    if (!/^[\x20-\x7e\x80-\xff]*$/.test(value))
      throw new ModelError('unusableKey', { name: reference.env, path });
    known.push(value);
    return value;
  };
  const headers: Record<string, string> = {};
  if (options.apiKey !== undefined)
    headers['authorization'] = `Bearer ${read(options.apiKey, 'apiKey')}`;
  for (const [name, value] of Object.entries(options.headers))
    headers[name.toLowerCase()] =
      typeof value === 'string' ? value : read(value, `headers.${name}`);
  const forms = buildSecretForms(known);
  return { headers, clean: (text) => withoutSecrets(forms, text) };
}

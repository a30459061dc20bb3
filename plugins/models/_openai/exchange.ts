import { setTimeout as after } from 'node:timers';
import type { Endpoint } from './endpoint.js';
import { failureOf, RequestFailure, retryAfter } from './failure.js';
import type { SecretHeaders } from './secret-headers.js';

/** Largest reply that is read; more is no answer but a mistake. */
const MOST_BYTES = 64 * 2 ** 20;
/** An error's text is read so far. */
const MOST_ERROR_BYTES = 64 * 2 ** 10;

const REFUSED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

const codesOf = (error: unknown): readonly string[] => {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(codesOf) : [];
  return [...('code' in error ? [String(error.code)] : []), ...inner, ...codesOf(error.cause)];
};

const textOf = async (body: AsyncIterable<Uint8Array>, most: number): Promise<string> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    parts.push(part);
    length += part.length;
    if (length > most) break; // leaving the loop destroys the rest
  }
  return Buffer.concat(parts).toString('utf8');
};

/** One request and its reply. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** Behind the endpoint's own path. */
  readonly path: string;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one request and reads its reply as JSON.
 * @throws RequestFailure where there is none; the reason of the signal where it was aborted.
 */
export async function exchange(endpoint: Endpoint, { headers, clean }: SecretHeaders, { method, path, body, timeoutMs, signal }: Exchange): Promise<unknown> {
  signal.throwIfAborted();
  // One controller a request, linked by hand: AbortSignal.any would hang on the long-lived signal of the run.
  const stop = new AbortController();
  const passOn = (): void => stop.abort(signal.reason);
  signal.addEventListener('abort', passOn, { once: true });
  let late = false;
  const timer = after(() => {
    late = true;
    stop.abort();
  }, timeoutMs);
  try {
    const response = await endpoint.connections.request({
      method,
      path: `${endpoint.path}${path}`,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
      signal: stop.signal,
    });
    const header = (name: string): string | undefined => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    if (response.statusCode !== 200) {
      throw failureOf(response.statusCode, clean(await textOf(response.body, MOST_ERROR_BYTES)), retryAfter(header, Date.now()));
    }
    const text = await textOf(response.body, MOST_BYTES);
    if (text.length > MOST_BYTES) throw new RequestFailure('rejected', `the reply is longer than ${MOST_BYTES} bytes`);
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new RequestFailure('broken', `the reply is no JSON (${text.length} characters)`, { cause });
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof RequestFailure) throw error;
    if (late) throw new RequestFailure('timeout', `no whole reply within ${timeoutMs / 1000} s`);
    const codes = codesOf(error);
    const message = clean(error instanceof Error ? error.message || codes.join(', ') : String(error));
    throw new RequestFailure(codes.some((code) => REFUSED.has(code)) ? 'refused' : 'broken', message, { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', passOn);
  }
}

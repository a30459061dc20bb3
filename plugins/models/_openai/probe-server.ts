import type { Endpoint } from './endpoint.js';
import { exchange } from './http-exchange.js';
import { RequestFailure } from './failure.js';
import type { SecretHeaders } from './secret-headers.js';

const PROBE_TIMEOUT_MS = 5000;

/** The state of a server. */
export interface ServerStatus {
  readonly url: string;
  /** The models it lists; null if it has no list. */
  readonly models: readonly string[] | null;
  /** Why it does not answer; null if it does. */
  readonly failure: RequestFailure | null;
  /** Whether anything listens there. */
  readonly listening: boolean;
}

/**
 * Requests the list of models of a server; any reply shows that it is reachable.
 * @throws the reason of the signal
 */
export async function probeServer(
  endpoint: Endpoint,
  secret: SecretHeaders,
  signal: AbortSignal,
): Promise<ServerStatus> {
  const url = endpoint.shown;
  try {
    const reply = (await exchange(endpoint, secret, {
      method: 'GET',
      path: '/models',
      timeoutMs: PROBE_TIMEOUT_MS,
      signal,
    })) as { readonly data?: readonly { readonly id?: unknown }[] };
    return {
      url,
      models: Array.isArray(reply.data) ? reply.data.map(({ id }) => String(id)) : null,
      failure: null,
      listening: true,
    };
  } catch (error) {
    if (!(error instanceof RequestFailure)) throw error;
    // it has no list, or is busy
    const answers = ['unknown', 'rejected', 'throttled'].includes(error.kind);
    return {
      url,
      models: null,
      failure: answers ? null : error,
      listening: error.kind !== 'refused',
    };
  }
}

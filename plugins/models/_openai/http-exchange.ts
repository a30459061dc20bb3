import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as after } from 'node:timers';
import type { Dispatcher } from 'undici';
import type { Endpoint } from './endpoint.js';
import { buildFailure, RequestFailure, retryAfter } from './failure.js';
import { onAbort } from './on-abort.js';
import type { SecretHeaders } from './secret-headers.js';

/** Maximum size of a reply; longer ones are an error. */
const MOST_BYTES = 64 * 2 ** 20;
/** Maximum number of bytes read of an error reply. */
const MOST_ERROR_BYTES = 64 * 2 ** 10;

const REFUSED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

const getErrorCodes = (error: unknown): readonly string[] => {
  if (!(error instanceof Error)) return [];
  const inner = error instanceof AggregateError ? error.errors.flatMap(getErrorCodes) : [];
  return [
    ...('code' in error ? [String(error.code)] : []),
    ...inner,
    ...getErrorCodes(error.cause),
  ];
};

/** One request and its reply. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** Relative to the base path of the endpoint. */
  readonly path: string;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * The content of a complete reply.
 * @throws RequestFailure if it is an error or not JSON.
 */
const read = (
  status: number,
  headers: IncomingHttpHeaders,
  text: string,
  clean: SecretHeaders['clean'],
): unknown => {
  if (status !== 200) {
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    throw buildFailure(status, clean(text), retryAfter(header, Date.now()));
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RequestFailure('broken', `the reply is not JSON (${text.length} characters)`, {
      cause,
    });
  }
};

/** Why a connection gave no reply. */
const lost = (error: Error, clean: SecretHeaders['clean']): RequestFailure => {
  const codes = getErrorCodes(error);
  return new RequestFailure(
    codes.some((code) => REFUSED.has(code)) ? 'refused' : 'broken',
    clean(error.message || codes.join(', ')),
    { cause: error },
  );
};

/**
 * Sends one request and reads its reply as JSON. Uses handlers and one promise instead of streams:
 * thousands are in flight at once.
 * @throws RequestFailure if there is none; the reason of the signal if it was aborted.
 */
export const exchange = (
  endpoint: Endpoint,
  { headers: secret, clean }: SecretHeaders,
  { method, path, body, timeoutMs, signal }: Exchange,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let controller: Dispatcher.DispatchController | undefined;
    let open = true;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let length = 0;
    const parts: Buffer[] = [];
    /** Later events are ignored. */
    const end = (): void => {
      open = false;
      clearTimeout(timer);
      forget();
    };
    const fail = (error: Error): void => {
      if (!open) return;
      end();
      reject(error);
      controller?.abort(error);
    };
    const give = (): void => {
      if (!open) return;
      end();
      try {
        resolve(
          read(
            status,
            headers,
            (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString('utf8'),
            clean,
          ),
        );
      } catch (error) {
        reject(error as RequestFailure);
      }
    };
    const timer = after(
      () => fail(new RequestFailure('timeout', `no complete reply within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    const forget = onAbort(signal, () => fail(signal.reason as Error));
    endpoint.connections.dispatch(
      {
        method,
        path: `${endpoint.path}${path}`,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...secret,
        },
        ...(body === undefined ? {} : { body }),
      },
      {
        onRequestStart(requestController) {
          if (open) controller = requestController;
          else requestController.abort(new Error('not wanted any more'));
        },
        onResponseStart(_, code, given) {
          status = code;
          headers = given;
        },
        onResponseData(requestController, part) {
          parts.push(part);
          length += part.length;
          if (length <= (status === 200 ? MOST_BYTES : MOST_ERROR_BYTES)) return;
          if (status === 200)
            fail(new RequestFailure('rejected', `the reply is longer than ${MOST_BYTES} bytes`));
          else give();
          requestController.abort(new Error('no more of it is read'));
        },
        onResponseEnd: give,
        onResponseError: (_, error) => fail(lost(error, clean)),
      },
    );
  });

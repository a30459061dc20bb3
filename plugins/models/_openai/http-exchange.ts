import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as after } from 'node:timers';
import { retryAfter } from 'routerxbench/retry-after';
import type { Dispatcher } from 'undici';
import type { Endpoint } from './endpoint.js';
import { buildFailure, RequestFailure } from './failure.js';
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
    const response = new ResponseReader(clean, (outcome) => {
      clearTimeout(timer);
      unsubscribe();
      if (outcome.error === undefined) resolve(outcome.value);
      else reject(outcome.error);
    });
    const timer = after(
      () =>
        response.fail(
          new RequestFailure('timeout', `no complete reply within ${timeoutMs / 1000} s`),
        ),
      timeoutMs,
    );
    const unsubscribe = onAbort(signal, () => response.fail(signal.reason as Error));
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
      response,
    );
  });

type Outcome = { readonly error: Error } | { readonly error?: undefined; readonly value: unknown };

/** Collects one response; `settle` is called once, and later events are ignored. */
class ResponseReader implements Dispatcher.DispatchHandler {
  #controller: Dispatcher.DispatchController | undefined;
  #open = true;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #length = 0;
  readonly #chunks: Buffer[] = [];

  constructor(
    private readonly clean: SecretHeaders['clean'],
    private readonly settle: (outcome: Outcome) => void,
  ) {}

  fail(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.settle({ error });
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#open) this.#controller = controller;
    else controller.abort(new Error('the request has ended already'));
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length <= (this.#status === 200 ? MOST_BYTES : MOST_ERROR_BYTES)) return;
    if (this.#status === 200)
      this.fail(new RequestFailure('rejected', `the reply is longer than ${MOST_BYTES} bytes`));
    else this.onResponseEnd();
    controller.abort(new Error('the rest of the reply is not read'));
  }

  onResponseEnd(): void {
    if (!this.#open) return;
    this.#open = false;
    this.settle(this.#read());
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(lost(error, this.clean));
  }

  #read(): Outcome {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    try {
      return { value: read(this.#status, this.#headers, bytes.toString('utf8'), this.clean) };
    } catch (error) {
      return { error: error as Error };
    }
  }
}

import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as after } from 'node:timers';
import { redact } from 'routerxbench/redact';
import { retryAfter } from 'routerxbench/retry-after';
import type { Dispatcher } from 'undici';
import type { Endpoint } from './endpoint.js';
import { buildFailure, failureInReply, RequestFailure } from './failure.js';
import { checkNesting } from './nesting.js';
import { onAbort } from './on-abort.js';
import type { SecretHeaders } from './secret-headers.js';

/** Maximum size of a reply, unless the request says otherwise; longer ones are an error. */
const MOST_BYTES = 16 * 2 ** 20;
/** Maximum number of bytes read of an error reply. */
const MOST_ERROR_BYTES = 64 * 2 ** 10;

/** Statuses that ask to send the same request to another address. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 3;

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
  /** Maximum size of the reply. */
  readonly mostBytes?: number;
  readonly signal: AbortSignal;
}

/** Where a redirect leads, relative to the request; undefined for any other reply. */
const getLocation = (status: number, { location }: IncomingHttpHeaders): string | undefined =>
  REDIRECTS.has(status) ? location : undefined;

/** JSON of a reply. Numbers that JSON lacks, such as -Infinity, are null: the rest is worth it. */
function parseReply(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const repaired = text.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:Infinity|NaN)\b/g, (part) =>
      part.startsWith('"') ? part : 'null',
    );
    try {
      return JSON.parse(repaired);
    } catch {
      throw new RequestFailure('broken', `the reply is not JSON (${text.length} characters)`, {
        cause,
      });
    }
  }
}

/**
 * The content of a complete reply.
 * @throws RequestFailure if it is an error, also one with status 200, or not JSON.
 */
const read = (status: number, headers: IncomingHttpHeaders, text: string): unknown => {
  if (status !== 200) {
    const header = (name: string): string | undefined => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    const location = getLocation(status, headers);
    throw location === undefined
      ? buildFailure(status, text, retryAfter(header, Date.now()))
      : new RequestFailure('redirected', `HTTP ${status}: redirected to ${redact(location)}`, {
          status,
          location,
        });
  }
  checkNesting(text);
  const value = parseReply(text);
  const failure = failureInReply(value);
  if (failure !== null) throw failure;
  return value;
};

/** Why a connection gave no reply. */
const lost = (error: Error): RequestFailure => {
  const codes = getErrorCodes(error);
  return new RequestFailure(
    codes.some((code) => REFUSED.has(code)) ? 'refused' : 'broken',
    redact(error.message || codes.join(', ')),
    { cause: error },
  );
};

/**
 * Where a redirect within the origin of the endpoint leads; undefined for one to another origin,
 * which would get the key.
 */
function getPathWithin(endpoint: Endpoint, path: string, location: string): string | undefined {
  const from = new URL(path, endpoint.url);
  if (!URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from.href);
  return to.origin === from.origin ? `${to.pathname}${to.search}` : undefined;
}

/**
 * Sends one request and reads its reply as JSON; redirects within the origin are followed.
 * @throws RequestFailure if there is none; the reason of the signal if it was aborted.
 */
export async function exchange(
  endpoint: Endpoint,
  secret: SecretHeaders,
  request: Exchange,
): Promise<unknown> {
  let path = endpoint.getPath(request.path);
  for (let redirects = 0; ; redirects++) {
    try {
      return await exchangeAt(endpoint, secret, { ...request, path });
    } catch (error) {
      if (!(error instanceof RequestFailure) || redirects === MOST_REDIRECTS) throw error;
      const { location } = error.options;
      const next = location === undefined ? undefined : getPathWithin(endpoint, path, location);
      if (next === undefined) throw error;
      path = next;
    }
  }
}

/**
 * Sends one request and reads its reply as JSON. Uses handlers and one promise instead of streams:
 * thousands are in flight at once.
 * @throws RequestFailure if there is none; the reason of the signal if it was aborted.
 */
const exchangeAt = (
  endpoint: Endpoint,
  { headers: secret }: SecretHeaders,
  { method, path, body, timeoutMs, mostBytes = MOST_BYTES, signal }: Exchange,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const response = new ResponseReader(mostBytes, (outcome) => {
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
        path,
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
    private readonly mostBytes: number,
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
    if (this.#length <= (this.#status === 200 ? this.mostBytes : MOST_ERROR_BYTES)) return;
    if (this.#status === 200)
      this.fail(
        new RequestFailure(
          'rejected',
          `the reply is longer than ${this.mostBytes / 2 ** 20} MiB (longestReplyMiB)`,
          { error: 'unreadableReply' },
        ),
      );
    else this.onResponseEnd();
    controller.abort(new Error('the rest of the reply is not read'));
  }

  onResponseEnd(): void {
    if (!this.#open) return;
    this.#open = false;
    this.settle(this.#read());
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(lost(error));
  }

  #read(): Outcome {
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks);
    try {
      return { value: read(this.#status, this.#headers, bytes.toString('utf8')) };
    } catch (error) {
      return { error: error as Error };
    }
  }
}

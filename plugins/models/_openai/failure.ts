import { redact } from 'routerxbench/redact';
import { z, type CallRecord } from '../../../core/index.js';
import type { ModelError } from '../_errors.js';

/** How a request can fail, which decides what happens next. */
export type FailureKind =
  /** Nothing listens there; nothing was sent. */
  | 'refused'
  /** The connection broke, or the reply was truncated or not JSON. */
  | 'broken'
  /** No complete reply in time. */
  | 'timeout'
  /** 429: too many requests. */
  | 'throttled'
  /** 5xx. */
  | 'server'
  /** The reply came from another model. */
  | 'other-model'
  /** The server will never answer this prompt. */
  | 'rejected'
  /** 401 or 403: the key is wrong, for every prompt. */
  | 'unauthorised'
  /** 404: no such model or URL, for every prompt. */
  | 'unknown'
  /** The account has no credit left, for every prompt. */
  | 'quota'
  /** The server sends every request on to another address. */
  | 'redirected';

/** A request without a usable reply. */
export class RequestFailure extends Error {
  override readonly name = 'RequestFailure';

  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly options: {
      readonly status?: number;
      readonly retryAfterMs?: number | undefined;
      /** Where a redirect leads. */
      readonly location?: string;
      /** What was paid for replies that could not be used. */
      readonly call?: CallRecord;
      readonly error?: keyof typeof ModelError.catalogue;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return ['refused', 'broken', 'timeout', 'throttled', 'server'].includes(this.kind);
  }
}

const ErrorBody = z.object({
  error: z
    .union([
      z.string(),
      z.object({
        message: z.unknown().optional(),
        code: z.unknown().optional(),
        type: z.unknown().optional(),
      }),
    ])
    .nullish(),
  message: z.unknown().optional(),
  detail: z.unknown().optional(),
});

const LONGEST = 300;

/** The server's error message, on one line, without secrets, and only then shortened. */
function serverMessage(body: string): string {
  let text = body;
  try {
    const { error, message, detail } = ErrorBody.parse(JSON.parse(body));
    const reported = typeof error === 'string' ? error : (error?.message ?? message ?? detail);
    if (reported !== undefined)
      text = typeof reported === 'string' ? reported : JSON.stringify(reported);
  } catch {
    text = body; // a proxy's page or plain text
  }
  const line = redact(text).replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

const errorCode = (body: string): string => {
  try {
    const { error } = ErrorBody.parse(JSON.parse(body));
    return typeof error === 'object' && error !== null
      ? `${String(error.code)} ${String(error.type)}`
      : '';
  } catch {
    return '';
  }
};

/** Words of servers that refuse one prompt, not the key. */
const REFUSES_PROMPT = /moderat|flagged|content.?(?:filter|policy|management)|safety|prohibited/i;

/** Statuses for error codes in words, where a reply with status 200 holds the error. */
const STATUS_OF_CODE: readonly (readonly [RegExp, number])[] = [
  [/insufficient_quota|insufficient.*(?:credit|balance|fund)|payment/i, 402],
  [/rate.?limit|too.?many|throttl|overloaded/i, 429],
  [/api.?key|unauthori[sz]ed|authentication|permission/i, 401],
  [/(?:model|deployment).*not.?found|not_found/i, 404],
  [/invalid|context.?length|unsupported|bad.?request|content.?(?:filter|policy)/i, 400],
];

/** The failure in a reply with status 200 whose body is an error; null where it is none. */
export function failureInReply(value: unknown): RequestFailure | null {
  if (typeof value !== 'object' || value === null || !('error' in value)) return null;
  const { error } = value;
  if (
    error === null ||
    error === undefined ||
    error === '' ||
    'choices' in value ||
    'data' in value
  )
    return null;
  const body = JSON.stringify({ error });
  const named = typeof error === 'object' && 'code' in error ? Number(error.code) : NaN;
  const words = STATUS_OF_CODE.find(([pattern]) => pattern.test(body))?.[1] ?? 500;
  return buildFailure(named >= 400 && named < 600 ? named : words, body, undefined);
}

/** The meaning of a status other than 200. */
export function buildFailure(
  status: number,
  body: string,
  retryAfterMs: number | undefined,
): RequestFailure {
  const message = `HTTP ${status}${body === '' ? '' : `: ${serverMessage(body)}`}`;
  const options = { status, retryAfterMs };
  if (status === 429)
    return new RequestFailure(
      errorCode(body).includes('insufficient_quota') ? 'quota' : 'throttled',
      message,
      options,
    );
  if (status === 402) return new RequestFailure('quota', message, options);
  if (status === 403 && REFUSES_PROMPT.test(message))
    return new RequestFailure('rejected', message, options);
  if (status === 401 || status === 403) return new RequestFailure('unauthorised', message, options);
  if (status === 404) return new RequestFailure('unknown', message, options);
  if (status === 503 && retryAfterMs !== undefined)
    return new RequestFailure('throttled', message, options);
  if (status >= 500 || status === 408 || status === 409)
    return new RequestFailure('server', message, options);
  return new RequestFailure('rejected', message, options);
}

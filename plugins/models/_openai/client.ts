import { setMaxListeners } from 'node:events';
import pMap from 'p-map';
import pRetry, { AbortError } from 'p-retry';
import {
  HarnessError,
  type CallRecord,
  type ModelContext,
  type Outcome,
  type TokenUsage,
} from '../../../core/index.js';
import { RequestFailure } from './failure.js';
import type { OpenAiOptions } from './options.js';
import type { Request } from './request.js';
import type { RequestFiles } from './request-files.js';
import type { ServerPool } from './server-pool.js';
import { Turns } from './turns.js';
import { addUsage, parseUsage, type Reply } from './reply.js';
import { checkReply } from './reply-schema.js';
import { ModelError } from '../_errors.js';

/** Number of 429 replies that do not count as retries: each of them only waits. */
const MOST_THROTTLED = 50;

/** A reply and the record of its request. */
export interface Answered<T> {
  readonly value: T;
  readonly call: CallRecord;
}

/** Failures that every further prompt would meet too. */
const FATAL = {
  redirected: 'serverRedirects',
  unauthorised: 'apiKeyRejected',
  unknown: 'modelNotServed',
  quota: 'quotaExhausted',
} as const;

/** Whether a refusal asks for the other name of the token limit. */
const isRenaming = ({ kind, message }: RequestFailure): boolean =>
  kind === 'rejected' && /max_tokens.*max_completion_tokens/s.test(message);

/** Failures of one prompt. */
const OF_PROMPT = { rejected: 'promptRejected', 'other-model': 'wrongModelReplied' } as const;

/** Sends requests to the servers of one model: waits, retries, checks which model replied. */
export class Client {
  /** Whether a reply of the right model was ever received. */
  #right = false;
  /** Whether the server wants `max_completion_tokens` in place of `max_tokens`. */
  #renames = false;
  /** No more requests are admitted at once than can be sent: each reserves a part of the budget. */
  readonly #turns: Turns;

  constructor(
    private readonly options: Pick<
      OpenAiOptions,
      'model' | 'servedAs' | 'retries' | 'timeoutSeconds' | 'backoffSeconds'
    >,
    private readonly pool: ServerPool,
    /** Where the server writes files for its requests. */
    private readonly files?: RequestFiles,
  ) {
    this.#turns = new Turns(pool.most);
  }

  /**
   * One outcome per prompt, in their order, with as many requests in flight as the servers accept.
   * @throws errors that affect every prompt: a wrong key, an unknown model, no server, a spent
   * budget, the reason of the signal.
   */
  async each<P, T>(
    prompts: readonly P[],
    context: ModelContext,
    work: (prompt: P) => Promise<Outcome<T>>,
  ): Promise<readonly Outcome<T>[]> {
    context.signal.throwIfAborted();
    setMaxListeners(0, context.signal); // requests that wait for a retry listen to it
    let ended: { readonly error: unknown } | undefined;
    const outcomes = await pMap(
      prompts,
      async (prompt) => {
        if (ended !== undefined) return undefined;
        try {
          return await this.#outcome(prompt, context, work);
        } catch (error) {
          ended ??= { error };
          return undefined;
        }
      },
      { concurrency: this.pool.most },
    );
    // Wait for all requests that have started: nothing continues in the background after the error.
    context.signal.throwIfAborted();
    if (ended !== undefined) throw ended.error;
    return outcomes as readonly Outcome<T>[];
  }

  async #outcome<P, T>(
    prompt: P,
    context: ModelContext,
    work: (prompt: P) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>> {
    try {
      const outcome = await work(prompt);
      context.advance(1);
      return outcome;
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
      context.advance(1);
      const kind =
        error.options.error ??
        (error.kind in OF_PROMPT
          ? OF_PROMPT[error.kind as keyof typeof OF_PROMPT]
          : 'requestFailed');
      const { code } = ModelError.catalogue[kind];
      const { call } = error.options;
      return { ok: false, code, message: error.message, ...(call === undefined ? {} : { call }) };
    }
  }

  /**
   * Sends a request until it is answered. `read` takes the wanted part of the reply and throws
   * RequestFailure if it is missing.
   * @throws RequestFailure if all attempts fail; HarnessError if every prompt would fail.
   */
  async ask<T>(
    request: Request,
    context: ModelContext,
    read: (reply: Reply, usage: TokenUsage | null) => T | Promise<T>,
  ): Promise<Answered<T>> {
    return await this.#turns.run(async () => await this.#askInTurn(request, context, read));
  }

  async #askInTurn<T>(
    request: Request,
    context: ModelContext,
    read: (reply: Reply, usage: TokenUsage | null) => T | Promise<T>,
  ): Promise<Answered<T>> {
    const { retries, backoffSeconds, model } = this.options;
    let requests = 0;
    let throttled = 0;
    // of all replies: those that cannot be used are paid for as well
    let paid: CallRecord | undefined;
    try {
      return await pRetry(
        async () => {
          // Before it waits for a server: a slot that is held for the budget could not serve the
          // requests that the budget waits for.
          await context.admit?.(paid);
          const { reply: received, latencyMs } = await this.#send(
            request,
            context,
            () => requests++,
          );
          const usage = parseUsage(received);
          const call = { requestedModel: model, servedModel: null, usage, latencyMs, requests };
          paid = paid === undefined ? call : { ...together([paid, call]), requests };
          const servedModel = this.#served(received);
          const reply = checkReply(received);
          return { value: await read(reply, usage), call: { ...paid, servedModel } };
        },
        {
          retries,
          minTimeout: 1000 * backoffSeconds,
          maxTimeout: 20_000,
          randomize: true,
          signal: context.signal,
          shouldRetry: ({ error }) => error instanceof RequestFailure && error.passing,
          // Failures that another server or a later attempt may avoid are not the request's fault.
          shouldConsumeRetry: ({ error }) =>
            !(
              error instanceof RequestFailure &&
              (error.kind === 'refused' ||
                (error.kind === 'throttled' && ++throttled <= MOST_THROTTLED))
            ),
        },
      );
    } catch (error) {
      const failure = error instanceof AbortError ? error.originalError : error;
      throw this.#final(failure, requests, paid);
    }
  }

  /**
   * Sends a request once, or twice where the server asks for the other name of the token limit;
   * later requests use that name at once.
   */
  async #send(
    request: Request,
    context: ModelContext,
    sending: () => void,
  ): Promise<{ readonly reply: Reply; readonly latencyMs: number }> {
    const body = this.#renamed(request.body);
    try {
      return await this.#sendBody(request.path, body, context, sending);
    } catch (error) {
      if (!(error instanceof RequestFailure && isRenaming(error) && 'max_tokens' in body))
        throw error;
      this.#renames = true;
      return await this.#sendBody(request.path, this.#renamed(body), context, sending);
    }
  }

  async #sendBody(
    path: Request['path'],
    body: Request['body'],
    context: ModelContext,
    sending: () => void,
  ): Promise<{ readonly reply: Reply; readonly latencyMs: number }> {
    let sent = 0;
    const id = this.files?.begin();
    try {
      const reply = await this.pool.send(
        path,
        JSON.stringify(id === undefined ? body : { ...body, request_id: id }),
        1000 * this.options.timeoutSeconds,
        context.signal,
        () => {
          sending();
          sent = performance.now();
        },
      );
      if (typeof reply !== 'object' || reply === null)
        throw new RequestFailure('broken', 'the reply is not a JSON object');
      return { reply, latencyMs: performance.now() - sent };
    } finally {
      if (id !== undefined) this.files?.end(id);
    }
  }

  /** The body with `max_completion_tokens`, where the server has asked for that name. */
  #renamed(body: Request['body']): Request['body'] {
    if (!this.#renames || !('max_tokens' in body)) return body;
    const { max_tokens: limit, ...rest } = body;
    return { ...rest, max_completion_tokens: limit };
  }

  /**
   * Checks the model that a reply names.
   * @throws RequestFailure if it is another one; the work ends if none was ever right.
   */
  #served(reply: Reply): string | null {
    const { model, servedAs } = this.options;
    const served = typeof reply.model === 'string' && reply.model !== '' ? reply.model : null;
    if (served === null || served === model || servedAs.includes(served)) {
      this.#right = true;
      return served;
    }
    const error = new ModelError('wrongModelReplied', { requested: model, served });
    if (!this.#right) throw this.#end(error);
    throw new RequestFailure('other-model', error.problem);
  }

  #end(error: HarnessError): HarnessError {
    this.pool.giveUp(error);
    return error;
  }

  /** A key that other prompts were answered with is not wrong: the server refuses the prompt. */
  #refusesPrompt({ kind, options }: RequestFailure): boolean {
    return kind === 'unauthorised' && options.status === 403 && this.#right;
  }

  #final(error: unknown, requests: number, paid: CallRecord | undefined): unknown {
    if (!(error instanceof RequestFailure)) return error;
    const kind = this.#refusesPrompt(error) ? 'rejected' : error.kind;
    const code = FATAL[kind as keyof typeof FATAL];
    if (code !== undefined)
      return this.#end(
        new ModelError(
          code,
          { model: this.options.model, problem: error.message },
          { cause: error },
        ),
      );
    const message =
      requests < 2 || !error.passing ? error.message : `${error.message} (${requests} requests)`;
    return new RequestFailure(kind, message, {
      ...error.options,
      ...(paid === undefined ? {} : { call: { ...paid, requests } }),
      cause: error,
    });
  }
}

/** One record for several requests of one outcome. */
export const together = (calls: readonly CallRecord[]): CallRecord => {
  const [first, ...rest] = calls as [CallRecord, ...CallRecord[]];
  return rest.reduce(
    (sum, call) => ({
      ...sum,
      usage: sum.usage === null || call.usage === null ? null : addUsage(sum.usage, call.usage),
      latencyMs: Math.max(sum.latencyMs, call.latencyMs),
      requests: sum.requests + call.requests,
    }),
    first,
  );
};

/** A failure with the records of requests before it, which were paid for. */
export const withCalls = (error: unknown, before: readonly CallRecord[]): unknown => {
  if (!(error instanceof RequestFailure) || before.length === 0) return error;
  const { call, ...options } = error.options;
  return new RequestFailure(error.kind, error.message, {
    ...options,
    call: together([...before, ...(call === undefined ? [] : [call])]),
  });
};

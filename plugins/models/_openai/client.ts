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
import { addUsage, parseUsage, type Reply } from './reply.js';
import { ModelError } from '../_errors.js';

/** Refusals for too much at once that do not count as retries: each of them only waits. */
const MOST_THROTTLED = 50;

/** A reply and what it took. */
export interface Answered<T> {
  readonly value: T;
  readonly call: CallRecord;
}

/** Failures that every further prompt would meet too. */
const FATAL = {
  unauthorised: 'apiKeyRejected',
  unknown: 'modelNotServed',
  quota: 'quotaExhausted',
} as const;

/** Failures of one prompt. */
const OF_PROMPT = { rejected: 'promptRejected', 'other-model': 'wrongModelReplied' } as const;

/** Asks the servers of one model: waits, retries, checks who answered. */
export class Client {
  /** Whether a reply of the right model was ever seen. */
  #right = false;

  constructor(
    private readonly options: Pick<
      OpenAiOptions,
      'model' | 'servedAs' | 'retries' | 'timeoutSeconds' | 'backoffSeconds'
    >,
    private readonly pool: ServerPool,
    /** Where the server writes files for its requests. */
    private readonly files?: RequestFiles,
  ) {}

  /**
   * One outcome a prompt, in their order; as many are on their way at once as the servers may be
   * given.
   * @throws what ends the work on every prompt: a wrong key, an unknown model, no server, a spent
   * budget, the reason of the signal.
   */
  async each<P, T>(
    prompts: readonly P[],
    context: ModelContext,
    work: (prompt: P) => Promise<Outcome<T>>,
  ): Promise<readonly Outcome<T>[]> {
    context.signal.throwIfAborted();
    setMaxListeners(0, context.signal); // those that wait for another try listen to it
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
    // Waited for all that had begun: nothing goes on behind the back of whoever catches this.
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
      return { ok: false, code, message: error.message };
    }
  }

  /**
   * Sends a request until it is answered. `read` takes what is wanted out of the reply and throws
   * RequestFailure where it is not there.
   * @throws RequestFailure where it is not answered in the end; HarnessError where no prompt would
   * be.
   */
  async ask<T>(
    { path, body }: Request,
    context: ModelContext,
    read: (reply: Reply, usage: TokenUsage | null) => T | Promise<T>,
  ): Promise<Answered<T>> {
    const { retries, timeoutSeconds, backoffSeconds, model } = this.options;
    const text = JSON.stringify(body);
    let requests = 0;
    let throttled = 0;
    try {
      return await pRetry(
        async () => {
          let sent = 0;
          const id = this.files?.begin();
          try {
            const requestBody =
              id === undefined ? text : JSON.stringify({ ...body, request_id: id });
            const reply = (await this.pool.send(
              path,
              requestBody,
              1000 * timeoutSeconds,
              context.signal,
              async () => {
                await context.admit?.();
                requests++;
                sent = performance.now();
              },
            )) as Reply;
            const latencyMs = performance.now() - sent;
            if (typeof reply !== 'object' || reply === null)
              throw new RequestFailure('broken', 'the reply is not a JSON object');
            const servedModel = this.#served(reply);
            const usage = parseUsage(reply);
            return {
              value: await read(reply, usage),
              call: { requestedModel: model, servedModel, usage, latencyMs, requests },
            };
          } finally {
            if (id !== undefined) this.files?.end(id);
          }
        },
        {
          retries,
          minTimeout: 1000 * backoffSeconds,
          maxTimeout: 20_000,
          randomize: true,
          signal: context.signal,
          shouldRetry: ({ error }) => error instanceof RequestFailure && error.passing,
          // What another server, or time, mends by itself is no fault of the request.
          shouldConsumeRetry: ({ error }) =>
            !(
              error instanceof RequestFailure &&
              (error.kind === 'refused' ||
                (error.kind === 'throttled' && ++throttled <= MOST_THROTTLED))
            ),
        },
      );
    } catch (error) {
      throw this.#final(error instanceof AbortError ? error.originalError : error, requests);
    }
  }

  /**
   * The model that a reply names. @throws RequestFailure where it is another one; the work ends
   * where none was ever right.
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

  #final(error: unknown, requests: number): unknown {
    if (!(error instanceof RequestFailure)) return error;
    const code = FATAL[error.kind as keyof typeof FATAL];
    if (code !== undefined)
      return this.#end(
        new ModelError(
          code,
          { model: this.options.model, problem: error.message },
          { cause: error },
        ),
      );
    return requests < 2 || !error.passing
      ? error
      : new RequestFailure(error.kind, `${error.message} (${requests} requests)`, {
          ...error.options,
          cause: error,
        });
  }
}

/** One record for several requests that made one outcome. */
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

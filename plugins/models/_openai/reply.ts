import type { TokenUsage } from '../../../core/index.js';
import { RequestFailure } from './failure.js';
import type { ReplyMessage } from './message.js';

/** One token of a reply with its log-probability. */
export interface ReplyToken {
  readonly token: string;
  readonly logprob: number;
}

/** One text of a reply of either endpoint. */
export interface ReplyChoice {
  readonly index?: number;
  readonly finish_reason?: string | null;
  /** Chat. */
  readonly message?: ReplyMessage;
  /** Completions. */
  readonly text?: string;
  readonly logprobs?: {
    /** Chat. */
    readonly content?:
      readonly (ReplyToken & { readonly top_logprobs?: readonly ReplyToken[] })[] | null;
    /** Completions. */
    readonly tokens?: readonly string[];
    readonly token_logprobs?: readonly (number | null)[];
    readonly top_logprobs?: readonly (Readonly<Record<string, number>> | null)[] | null;
    readonly text_offset?: readonly number[];
  } | null;
}

/** A reply as servers send it; none of it can be relied on. */
export interface Reply {
  readonly model?: unknown;
  readonly choices?: readonly ReplyChoice[];
  readonly usage?: Readonly<Record<string, unknown>> | null;
  /** vLLM: one entry per prompt token, token id → its log-probability; the first is null. */
  readonly prompt_logprobs?:
    | readonly (Readonly<
        Record<string, { readonly logprob: number; readonly rank?: number }>
      > | null)[]
    | null;
  readonly kv_transfer_params?: { readonly hidden_states_path?: unknown } | null;
  /** Embeddings. */
  readonly data?: readonly {
    readonly index?: number;
    readonly embedding?: readonly number[] | string;
  }[];
}

const MOST_COUNTS = 50;

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

/** Token counts of a reply; null if it has none. */
export function parseUsage({ usage, data }: Reply): TokenUsage | null {
  if (typeof usage !== 'object' || usage === null) return null;
  const prompt = count(usage['prompt_tokens']);
  // embeddings generate no tokens; of a text, a missing count is unknown
  const completion = count(usage['completion_tokens']) ?? (data === undefined ? undefined : 0);
  if (prompt === undefined || completion === undefined) return null;
  const counts = new Map<string, number>(); // no server has more than a few
  for (const [kind, value] of Object.entries(usage)) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value))
      if (count(inner) !== undefined && counts.size < MOST_COUNTS)
        counts.set(`${kind}.${name}`, inner as number);
  }
  const take = (name: string): number | undefined => {
    const value = counts.get(name);
    counts.delete(name);
    return value;
  };
  const cachedPrompt = take('prompt_tokens_details.cached_tokens');
  const reasoning = take('completion_tokens_details.reasoning_tokens');
  return {
    prompt,
    ...(cachedPrompt === undefined ? {} : { cachedPrompt }),
    completion,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(counts.size === 0 ? {} : { details: Object.fromEntries(counts) }),
  };
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

/**
 * Sum of the counts of two requests; a count that is unknown for one of them is unknown for the
 * sum.
 */
export function addUsage(a: TokenUsage, b: TokenUsage): TokenUsage {
  const cachedPrompt = sum(a.cachedPrompt, b.cachedPrompt);
  const reasoning = sum(a.reasoning, b.reasoning);
  const details =
    a.details === undefined || b.details === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(a.details).flatMap(([kind, value]) =>
            b.details?.[kind] === undefined ? [] : [[kind, value + b.details[kind]]],
          ),
        );
  return {
    prompt: a.prompt + b.prompt,
    completion: a.completion + b.completion,
    ...(cachedPrompt === undefined ? {} : { cachedPrompt }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(details === undefined ? {} : { details }),
  };
}

/**
 * The texts of a reply in the order of their index: at least one, as some servers ignore `n`.
 * @throws RequestFailure if there is none, or more than were requested.
 */
export function parseChoices(reply: Reply, n: number): readonly ReplyChoice[] {
  const { choices } = reply;
  if (!Array.isArray(choices) || choices.length === 0 || choices.length > n)
    throw new RequestFailure(
      'broken',
      `the reply has ${Array.isArray(choices) ? choices.length : 'no'} choices instead of ${n}`,
    );
  return [...(choices as readonly ReplyChoice[])].sort((a, b) => (a.index ?? 0) - (b.index ?? 0));
}

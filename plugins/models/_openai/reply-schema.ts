/** The one schema of replies: whatever passes it has the types of {@link Reply}. */
import { isObject, z } from '../../../core/index.js';
import { RequestFailure } from './failure.js';
import type { Reply, ReplyToken } from './reply.js';

/** No list of a reply is longer. */
const LONGEST_LIST = 2 ** 20;

/** Numbers that JSON lacks, such as -Infinity, were read as null. */
const isLogprob = (value: unknown): boolean =>
  value === null || (typeof value === 'number' && Number.isFinite(value));
const isToken = (value: unknown): value is ReplyToken =>
  isObject(value) && typeof value['token'] === 'string' && isLogprob(value['logprob']);
const isNothing = (value: unknown): boolean => value === null || value === undefined;

/** A list that is checked as a whole: it may be long, and one problem is enough. */
const listOf = (isItem: (item: unknown) => boolean, items: string) =>
  z.custom<readonly unknown[]>(
    (value) => Array.isArray(value) && value.length <= LONGEST_LIST && value.every(isItem),
    `it must be a list of ${items}`,
  );
const isTokenMap = (value: unknown): boolean =>
  value === null || (isObject(value) && Object.values(value).every(isLogprob));

const Logprobs = z.looseObject({
  content: listOf(
    (item) =>
      isToken(item) &&
      (!('top_logprobs' in item) ||
        isNothing(item.top_logprobs) ||
        (Array.isArray(item.top_logprobs) && item.top_logprobs.every(isToken))),
    'tokens with log-probabilities',
  ).nullish(),
  tokens: listOf((item) => typeof item === 'string', 'texts').nullish(),
  token_logprobs: listOf(isLogprob, 'numbers').nullish(),
  top_logprobs: listOf(isTokenMap, 'objects with numbers').nullish(),
});

const Choice = z
  .looseObject({
    index: z.int().min(0).nullish(),
    finish_reason: z.string().nullish(),
    message: z.looseObject({ refusal: z.string().nullish() }).nullish(),
    text: z.string().nullish(),
    logprobs: Logprobs.nullish(),
  })
  .refine(
    ({ message, text }) => !isNothing(message) || !isNothing(text),
    'it has neither a message nor a text',
  );

const isPromptToken = (value: unknown): boolean =>
  value === null ||
  (isObject(value) &&
    Object.values(value).every((token) => isObject(token) && Number.isFinite(token['logprob'])));
const isEmbedding = (value: unknown): boolean =>
  isObject(value) &&
  (typeof value['embedding'] === 'string' ||
    (Array.isArray(value['embedding']) && value['embedding'].every(Number.isFinite)));

const ReplySchema = z.looseObject({
  choices: z
    .custom<unknown>(
      (value) => !Array.isArray(value) || value.length <= 1000,
      'the list is longer than any that was asked for',
    )
    .pipe(z.array(Choice).nullish())
    .optional(),
  prompt_logprobs: listOf(isPromptToken, 'tokens with log-probabilities').nullish(),
  kv_transfer_params: z.looseObject({}).nullish(),
  data: listOf(isEmbedding, 'embeddings').nullish(),
});

/**
 * A reply whose members have the types that they must have.
 * @throws RequestFailure with RXB4120 that says which member has not
 */
export function checkReply(reply: object): Reply {
  const parsed = ReplySchema.safeParse(reply);
  if (parsed.success) return parsed.data as Reply;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new RequestFailure(
    'rejected',
    `${path === '' ? 'the reply' : path}: ${issue?.message ?? 'it has a wrong shape'}`,
    { error: 'unreadableReply' },
  );
}

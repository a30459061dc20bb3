/** Requests → replies, according to the OpenAI protocol and vLLM's additions to it. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Engine, Start, Written, WrittenToken } from './engine.js';
import { beginFiles } from './hidden-states.js';
import { getEngines, type ServerSettings } from './server.js';

/** A request that is rejected. */
export class BadRequest extends Error {
  constructor(
    message: string,
    readonly status = 400,
    readonly code = 'invalid_request_error',
  ) {
    super(message);
  }
}

const Common = z.looseObject({
  model: z.string(),
  max_tokens: z.int().positive().optional(),
  max_completion_tokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).default(1),
  n: z.int().positive().max(128).default(1),
  seed: z.int().default(0),
  stop: z.union([z.string(), z.array(z.string())]).default([]),
  prompt_logprobs: z.int().min(0).optional(),
  request_id: z.string().optional(),
});
const Chat = Common.extend({
  messages: z
    .array(
      z.looseObject({
        role: z.enum(['system', 'developer', 'user', 'assistant']),
        content: z.string(),
      }),
    )
    .min(1),
  logprobs: z.boolean().default(false),
  top_logprobs: z.int().min(0).max(100).optional(),
  continue_final_message: z.boolean().default(false),
  add_generation_prompt: z.boolean().default(true),
});
const Completions = Common.extend({
  prompt: z.string(),
  logprobs: z.int().min(0).max(100).optional(),
  echo: z.literal(false).default(false),
});
const Embeddings = z.looseObject({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).length(1)]),
  encoding_format: z.enum(['float', 'base64']).default('float'),
});

const checked = <T>(schema: z.ZodType<T>, body: object): T => {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new BadRequest(
    parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '),
  );
};

const FORBIDDEN = 'say the forbidden word';

/** The reply to a POST. @throws BadRequest */
export async function replyTo(
  path: string,
  body: Readonly<Record<string, unknown>>,
  given: ServerSettings,
): Promise<object> {
  const model = body['model'];
  const engine = getEngines(given).find(({ models }) => models.includes(String(model)));
  if (engine === undefined)
    throw new BadRequest(`The model \`${String(model)}\` does not exist.`, 404, 'model_not_found');
  const settings = { ...given, engine };
  if (path === '/chat/completions') return await chat(checked(Chat, body), settings);
  if (path === '/completions') return await completions(checked(Completions, body), settings);
  if (path === '/embeddings') return await embeddings(checked(Embeddings, body), engine);
  throw new BadRequest(`There is nothing at ${path}.`, 404, 'not_found');
}

const stops = (stop: string | readonly string[]): readonly string[] =>
  typeof stop === 'string' ? [stop] : stop;
const toBytes = (text: string): readonly number[] => [...Buffer.from(text, 'utf8')];
const getFinishReason = (start: Start, { finish }: Written): string =>
  JSON.stringify(start).includes(FORBIDDEN) ? 'content_filter' : finish;

async function frame(
  start: Start,
  request: z.output<typeof Common>,
  top: number,
  settings: ServerSettings,
): Promise<{ readonly texts: readonly Written[]; readonly rest: object }> {
  const { engine, hiddenStates } = settings;
  const { n, temperature, top_p: topP, seed } = request;
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? 512;
  const { texts, promptTokens } = await engine.write(start, {
    n,
    temperature,
    topP,
    seed,
    stop: stops(request.stop),
    maxTokens,
    top,
  });
  const completion = texts.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const scored =
    request.prompt_logprobs === undefined ? undefined : await engine.promptLogprobs?.(start);
  const id = `${start.form === 'chat' ? 'chatcmpl' : 'cmpl'}-${request.request_id ?? randomUUID()}`;
  const states = hiddenStates === undefined ? undefined : await engine.hiddenStates?.(start);
  const file =
    states === undefined || hiddenStates === undefined
      ? null
      : await beginFiles(id, n, states, hiddenStates);
  return {
    texts,
    rest: {
      id,
      created: 1,
      model: request.model,
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: completion,
        total_tokens: promptTokens + completion,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
      ...(scored === undefined
        ? {}
        : {
            prompt_logprobs: scored.map(({ id, logprob }) =>
              logprob === null ? null : { [id]: { logprob, rank: 1, decoded_token: '' } },
            ),
          }),
      kv_transfer_params: file === null ? null : { hidden_states_path: file },
    },
  };
}

async function chat(request: z.output<typeof Chat>, settings: ServerSettings): Promise<object> {
  if (request.top_logprobs !== undefined && !request.logprobs)
    throw new BadRequest('top_logprobs needs logprobs');
  if (request.continue_final_message && request.add_generation_prompt)
    throw new BadRequest('continue_final_message and add_generation_prompt exclude each other');
  const start: Start = {
    form: 'chat',
    messages: request.messages,
    continueLast: request.continue_final_message,
  };
  const { texts, rest } = await frame(start, request, request.top_logprobs ?? 0, settings);
  const token = ({ text, logprob }: Omit<WrittenToken, 'top'>): object => ({
    token: text,
    logprob,
    bytes: toBytes(text),
  });
  return {
    object: 'chat.completion',
    ...rest,
    choices: texts.map((text, index) => ({
      index,
      message: { role: 'assistant', content: text.text, refusal: null },
      logprobs: request.logprobs
        ? {
            content: text.tokens.map((own) => ({
              ...token(own),
              top_logprobs: own.top.map(token),
            })),
            refusal: null,
          }
        : null,
      finish_reason: getFinishReason(start, text),
    })),
  };
}

async function completions(
  request: z.output<typeof Completions>,
  settings: ServerSettings,
): Promise<object> {
  const start: Start = { form: 'text', text: request.prompt };
  const { texts, rest } = await frame(start, request, request.logprobs ?? 0, settings);
  return {
    object: 'text_completion',
    ...rest,
    choices: texts.map((text, index) => ({
      index,
      text: text.text,
      logprobs:
        request.logprobs === undefined
          ? null
          : {
              tokens: text.tokens.map((own) => own.text),
              token_logprobs: text.tokens.map((own) => own.logprob),
              top_logprobs: text.tokens.map((own) =>
                Object.fromEntries(own.top.map(({ text: name, logprob }) => [name, logprob])),
              ),
              text_offset: text.tokens.map((_, i) =>
                text.tokens.slice(0, i).reduce((sum, own) => sum + own.text.length, 0),
              ),
            },
      finish_reason: getFinishReason(start, text),
    })),
  };
}

async function embeddings(
  { input, model, encoding_format: format }: z.output<typeof Embeddings>,
  engine: Engine,
): Promise<object> {
  if (engine.embed === undefined) throw new BadRequest('This model gives no embeddings.');
  const { vector, tokens } = await engine.embed(
    typeof input === 'string' ? input : (input[0] as string),
  );
  return {
    object: 'list',
    model,
    data: [
      {
        object: 'embedding',
        index: 0,
        embedding:
          format === 'float'
            ? [...vector]
            : Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64'),
      },
    ],
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

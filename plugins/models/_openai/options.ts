import { hasSecret } from 'routerxbench/redact';
import { EnvReference, z } from '../../../core/index.js';

const count = z.number().int().positive();

/**
 * URL of a server, such as `http://localhost:8000/v1`. A key in it would be written wherever the
 * URL is.
 */
export const BaseUrl = z
  .url({
    protocol: /^https?$/,
    error: 'it must be an http or https address, such as http://localhost:8000/v1',
  })
  .refine(
    (text) =>
      !URL.canParse(text) || (new URL(text).username === '' && new URL(text).password === ''),
    "leave user and password out: keys go into `apiKey` or `headers`, as env('NAME')",
  )
  .refine(
    (text) => !text.includes('#'),
    'leave out what follows #: it is never sent, and would be shown wherever the address is',
  );

/** The URL of a server, or the environment variable that contains it. */
const Server = z.union([
  BaseUrl.refine(
    (text) => !hasSecret(text),
    "it holds a key: set a variable to the whole address and write env('NAME')",
  ),
  EnvReference,
]);

/** Names of headers whose value is a key or a password. */
const SECRET_HEADER =
  /authori[sz]ation|api-?key|secret|passw|cookie|credential|(?:^|[-_])(?:auth|key|token)$/i;
/** Values that are a key, whatever the name of the header. */
const SECRET_VALUE = /^(?:basic|bearer|token)\s+\S|^(?:sk|pk|hf|gsk|xai|nvapi)[-_][\w-]{8}/i;
/** Headers that describe the request itself: a wrong one breaks every request. */
const OF_REQUEST = /^(?:host|connection|content-length|content-type|transfer-encoding|expect)$/i;

const Headers = z
  .record(
    z
      .string()
      .regex(/^[!#$%&'*+.^_`|~\w-]+$/, 'it is no name of a header')
      .refine((name) => !OF_REQUEST.test(name), 'the harness sets this header itself'),
    z.union([z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header has one line'), EnvReference]),
  )
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers))
      if (typeof value === 'string' && (SECRET_HEADER.test(name) || SECRET_VALUE.test(value)))
        context.addIssue({
          code: 'custom',
          path: [name],
          message:
            "a secret is never written here: use env('NAME') and set NAME in the environment or in .env",
        });
  });

/**
 * Options common to all servers of this protocol. Those that decide the model's output are part of
 * the fingerprint; docs/models.md has the table.
 */
export const protocolOptions = {
  /** The name of the model on the server. */
  model: z.string().min(1),
  /**
   * Anything that distinguishes these weights from others of the same name (a quantisation, a
   * commit): part of the fingerprint.
   */
  revision: z.string().optional(),
  /**
   * Names that replies may give in place of `model`, such as a dated snapshot. Any other name is
   * RXB4104.
   */
  servedAs: z.array(z.string().min(1)).default([]),
  /** The API key, as `env('NAME')`: sent as a bearer token. */
  apiKey: EnvReference.optional(),
  /** Additional request headers; secret ones as `env('NAME')`. */
  headers: Headers.default({}),
  /** `completions` sends text rendered with `chatTemplate`. */
  api: z.enum(['chat', 'completions']).default('chat'),
  /** Jinja chat template for `api: 'completions'`. */
  chatTemplate: z.string().min(1).optional(),
  /** A system message for conversations that have none. */
  system: z.string().optional(),
  /**
   * Fields added to every generating request; null removes a field, such as `{ temperature: null
   * }`.
   */
  extraBody: z.record(z.string(), z.json()).default({}),
  /** `max_completion_tokens` for OpenAI's reasoning models. */
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens']).default('max_tokens'),
  /** Request the log-probability of every token. Switch it off if the server rejects it. */
  logprobs: z.boolean().default(true),
  /**
   * Number of likeliest next tokens to request: the partial logits signal. 0 = the model gives
   * none.
   */
  topLogprobs: z.number().int().min(0).default(20),
  /**
   * Source of the log-probabilities of choices: the likeliest first tokens, or the prompt
   * log-probabilities of vLLM.
   */
  choices: z.enum(['first-token', 'prompt-logprobs', 'none']).default('first-token'),
  /** Maximum number of texts per request; more are requested in several requests. */
  samplesPerRequest: count.default(128),
  /** False for a model that only embeds. */
  generates: z.boolean().default(true),
  /** Width of its embeddings, if it gives any. */
  embedding: z.strictObject({ dim: count }).optional(),
  /**
   * Maximum number of concurrent requests per server; the number adapts to what the server accepts.
   */
  concurrency: count.default(64),
  /** How often a request that broke is sent again. */
  retries: z.number().int().min(0).default(5),
  /** Wait before the first retry; doubles with each further one, up to 20 s, with random jitter. */
  backoffSeconds: z.number().positive().default(0.25),
  /** A request without a complete reply after this time has failed. */
  timeoutSeconds: z.number().positive().default(600),
  /**
   * The longest wait that a server may ask for with Retry-After; beyond it the run stops.
   */
  longestWaitSeconds: z.number().positive().default(600),
  /** Replies that are larger fail their row, in MiB: each request in flight may hold so much. */
  longestReplyMiB: z.number().positive().max(256).default(16),
  /** How long to wait for a server that was reachable and is not any more. */
  patienceSeconds: z.number().positive().default(120),
};

/**
 * Hidden states from vLLM's `extract_hidden_states`: one safetensors file per request, in a folder
 * that server and harness share. `depth` and `dim`: num_hidden_layers and hidden_size of the
 * model's config.json.
 */
export const hiddenStatesOptions = {
  depth: count,
  dim: count,
  /**
   * Which layers, in ascending order: 0 = the embedding output, `depth` = the last, which vLLM
   * gives before the final norm. Default: all.
   */
  layers: z
    .array(z.int().min(0))
    .min(1)
    .refine(
      (layers) =>
        layers.every((layer, index) => index === 0 || layer > (layers[index - 1] as number)),
      'they must rise: the server gives them in the order of the model',
    )
    .optional(),
  /** How long to wait for a file that a reply names. */
  waitSeconds: z.number().positive().default(30),
};

/** Checks that no layer is greater than `depth`. */
export const withinDepth = ({
  depth,
  layers,
}: {
  readonly depth: number;
  readonly layers?: readonly number[] | undefined;
}): boolean => (layers?.at(-1) ?? 0) <= depth;

/** Parsed options of hidden states. */
export type HiddenStatesOptions = z.output<z.ZodObject<typeof hiddenStatesOptions>> & {
  readonly folder: string;
};

/** Options of the `openai` backend. */
export const OpenAiOptions = z.strictObject({
  ...protocolOptions,
  /** One server, or several that serve the same model; each may be `env('NAME')`. */
  baseUrl: z.union([Server, z.array(Server).min(1)]).default('https://api.openai.com/v1'),
  hiddenStates: z
    .strictObject({ ...hiddenStatesOptions, folder: z.string().min(1) })
    .refine(withinDepth, 'a layer is beyond `depth`')
    .optional(),
});

/** Parsed options of the `openai` backend. */
export type OpenAiOptions = z.output<typeof OpenAiOptions>;

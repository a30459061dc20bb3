import { EnvReference, z } from '../../../core/index.js';
import { hiddenStatesOptions, protocolOptions, withinDepth } from '../_openai/options.js';

const Port = z.int().min(1).max(65_535);
/** The index of a GPU in `nvidia-smi`, or a UUID. */
const Gpus = z
  .array(
    z.union([
      z.int().min(0),
      z.string().regex(/^[\w-]+$/, 'it must be the number or the UUID of a GPU'),
    ]),
  )
  .min(1);

/** Arguments that the harness sets, and the options for them. */
const TAKEN: Readonly<Record<string, string>> = {
  host: '`host`',
  port: '`port` or `servers`',
  'served-model-name': '`model` (with `weights` for what is loaded)',
  'api-key': "`apiKey: env('NAME')`",
  'speculative-config': '`hiddenStates`',
  'kv-transfer-config': '`hiddenStates`',
};
/**
 * The first argument that another option stands for; the last two only if hidden states are
 * requested.
 */
const taken = (args: readonly string[], hidden: boolean): string | undefined =>
  args
    .map((arg) => arg.replace(/^--/, '').replace(/=.*$/s, '').replaceAll('_', '-'))
    .find(
      (name, at) =>
        args[at]?.startsWith('--') === true &&
        name in TAKEN &&
        (hidden || !name.endsWith('-config')),
    );

/** Options of the `vllm` backend; docs/models.md has the table. */
export const VllmOptions = z
  .strictObject({
    ...protocolOptions,
    choices: protocolOptions.choices.unwrap().default('prompt-logprobs'),
    /**
     * What is loaded: a Hugging Face id or a folder (one that begins with a dot is relative to the
     * config). Default: `model`.
     */
    weights: z.string().min(1).optional(),
    /**
     * The program, or a program with its first arguments; a path with a slash is relative to the
     * config.
     */
    command: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('vllm'),
    /** The address it listens on. */
    host: z.string().min(1).default('127.0.0.1'),
    port: Port.default(8000),
    /** GPUs of the server; default: all that it finds. */
    gpus: Gpus.optional(),
    /** Several servers of the same model, used as one pool; replaces `port` and `gpus`. */
    servers: z
      .array(z.strictObject({ port: Port, gpus: Gpus.optional() }))
      .min(1)
      .refine(
        (servers) => new Set(servers.map(({ port }) => port)).size === servers.length,
        'every server needs a port of its own',
      )
      .optional(),
    /** Additional arguments of `vllm serve`. */
    args: z.array(z.string()).default([]),
    /**
     * Hidden states; `folder`: where the server writes them for the harness to read, by default
     * next to the results. Best in memory: /dev/shm/…
     */
    hiddenStates: z
      .strictObject({ ...hiddenStatesOptions, folder: z.string().min(1).optional() })
      .refine(withinDepth, 'a layer is beyond `depth`')
      .optional(),
    /** Additional environment variables; secret values as `env('NAME')`. */
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), EnvReference]))
      .default({}),
    /** How long starting may take, including downloading weights. */
    startSeconds: z.number().positive().default(1800),
    /** How long stopping may take before it is killed. */
    stopSeconds: z.number().positive().default(30),
  })
  .superRefine(({ args, gpus, servers, hiddenStates }, context) => {
    const name = taken(args, hiddenStates !== undefined);
    if (name !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['args'],
        message: `--${name} is set by the harness: use ${TAKEN[name]}`,
      });
    if (servers !== undefined && gpus !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['gpus'],
        message: 'each of `servers` names its own GPUs',
      });
  });

/** Parsed options of the `vllm` backend. */
export type VllmOptions = z.output<typeof VllmOptions>;

import { EnvReference, z } from '../../../core/index.js';
import { hiddenStatesOptions, protocolOptions, withinDepth } from '../_openai/options.js';

const Port = z.int().min(1).max(65_535);
/** A number as `nvidia-smi` counts them, or a UUID. */
const Gpus = z
  .array(
    z.union([
      z.int().min(0),
      z.string().regex(/^[\w-]+$/, 'it must be the number or the UUID of a GPU'),
    ]),
  )
  .min(1);

/** What the harness sets itself, and where. */
const TAKEN: Readonly<Record<string, string>> = {
  host: '`host`',
  port: '`port` or `servers`',
  'served-model-name': '`model` (with `weights` for what is loaded)',
  'api-key': "`apiKey: env('NAME')`",
  'speculative-config': '`hiddenStates`',
  'kv-transfer-config': '`hiddenStates`',
};
/**
 * The first argument that another option stands for; the last two only where hidden states are
 * asked for.
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
     * What is loaded: an id on Hugging Face or a folder (one that begins with a dot starts at the
     * config). Left out = `model`.
     */
    weights: z.string().min(1).optional(),
    /**
     * The program, or a program with its first arguments; a path with a slash starts at the config.
     */
    command: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).default('vllm'),
    /** Where it listens. */
    host: z.string().min(1).default('127.0.0.1'),
    port: Port.default(8000),
    /** GPUs of the one server; left out = all that it finds. */
    gpus: Gpus.optional(),
    /** Several servers of the same model, one pool; in place of `port` and `gpus`. */
    servers: z
      .array(z.strictObject({ port: Port, gpus: Gpus.optional() }))
      .min(1)
      .refine(
        (servers) => new Set(servers.map(({ port }) => port)).size === servers.length,
        'every server needs a port of its own',
      )
      .optional(),
    /** More arguments of `vllm serve`. */
    args: z.array(z.string()).default([]),
    /**
     * Hidden states; `folder`: where the server writes them for us to read, left out = one beside
     * the results. Best in memory: /dev/shm/…
     */
    hiddenStates: z
      .strictObject({ ...hiddenStatesOptions, folder: z.string().min(1).optional() })
      .refine(withinDepth, 'a layer lies beyond `depth`')
      .optional(),
    /** More of its environment; secret values as `env('NAME')`. */
    env: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), EnvReference]))
      .default({}),
    /** How long it may take until it answers: it may have weights to fetch. */
    startSeconds: z.number().positive().default(1800),
    /** How long it may take to end before it is killed. */
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

/** Checked options of the `vllm` backend. */
export type VllmOptions = z.output<typeof VllmOptions>;

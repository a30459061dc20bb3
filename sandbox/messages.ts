/**
 * The messages that a program of the plugin protocol may send, all checked
 * (docs/plugins/protocol.md).
 */
import { z } from 'zod';
import { REFUSALS } from './thrown.js';
import { SIGNALS } from '../core/signals/table.js';

/** Text for people: control characters that could move a terminal's cursor are removed. */
export const plainText = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
const Text = z.string().max(10_000).transform(plainText);
const Kind = z.enum(SIGNALS.map(({ kind }) => kind));
const Key = z
  .string()
  .min(1)
  .max(100)
  .refine((key) => key !== '__proto__', 'the key is reserved');

/** A request for a signal, as data. */
const Request = z.object({ kind: Kind, key: Key, params: z.record(z.string(), z.json()) });

/** Tensors of one message. */
const MOST_TENSORS = 10_000;

const Tensors = z
  .array(
    z.object({
      name: z
        .string()
        .min(1)
        .max(200)
        .refine((name) => name !== '__proto__' && name !== '__metadata__', 'the name is reserved'),
      shape: z.array(z.int().min(0)).max(8),
      at: z.int().min(0),
    }),
  )
  .max(MOST_TENSORS);
const Meta = z.record(z.string(), z.json());

/**
 * A plugin as its process describes it: a definition without functions, the options as JSON Schema.
 */
export const DescribedPlugin = z.object({
  kind: z.enum(['router', 'dataset', 'scorer', 'model', 'metric', 'reporter']),
  api: z.number(),
  /** Where the class is exported, for packages of JavaScript. */
  file: Text.optional(),
  export: Text.optional(),
  definition: z.looseObject({
    name: z.string().min(1).max(200),
    summary: Text,
    aliases: z.array(z.string().min(1).max(200)).max(100).optional(),
    version: z.number().optional(),
    calibrated: z.literal('logit').optional(),
    formula: Text.optional(),
    source: z.unknown().optional(),
    cost: Text.optional(),
  }),
  /** JSON Schema of the options; null = it takes none. */
  options: z.record(z.string(), z.json()).nullable(),
  /**
   * The requests of a router with its default options; null if they depend on options that have no
   * default.
   */
  needs: z.array(Request).nullable().optional(),
});
export type DescribedPlugin = z.output<typeof DescribedPlugin>;

const Loss = z.number().optional();

/** Errors that a program may name; every other failure has a message only. */
export const FORWARDED_ERRORS = [
  'pluginNotLoaded',
  'pluginApiMismatch',
  'brokenPluginContract',
] as const;

/** Every message of a program. */
const PROGRAM_MESSAGES = {
  described: z.object({
    type: z.literal('described'),
    plugins: z.array(DescribedPlugin).max(1000),
  }),
  opened: z.object({
    type: z.literal('opened'),
    options: z.json(),
    needs: z.array(Request).max(100),
    fitted: z.boolean(),
  }),
  refused: z.object({
    type: z.literal('refused'),
    mistakes: z
      .array(z.object({ path: Text, problem: Text }))
      .min(1)
      .max(100),
  }),
  restored: z.object({ type: z.literal('restored') }),
  scored: z.object({
    type: z.literal('scored'),
    confidences: z.unknown(),
    milliseconds: z.array(z.number().min(0)).optional(),
  }),
  fitted: z.object({ type: z.literal('fitted'), meta: Meta, tensors: Tensors }),
  failed: z.object({
    type: z.literal('failed'),
    error: z.enum(FORWARDED_ERRORS).optional(),
    details: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
    message: Text,
    /** The chain of causes, with the lines of the plugin's code. */
    stack: Text.optional(),
    /** What the sandbox refused, where that is the reason. */
    refused: z.enum(REFUSALS).optional(),
  }),
  next: z.object({
    type: z.literal('next'),
    reader: z.int().min(0),
    part: z.enum(['train', 'validation']),
  }),
  leave: z.object({ type: z.literal('leave'), reader: z.int().min(0) }),
  progress: z
    .object({
      type: z.literal('progress'),
      epoch: z.number().min(0),
      epochs: z.number(),
      trainLoss: Loss,
      validationLoss: Loss,
    })
    .refine(({ epoch, epochs }) => epoch <= epochs, 'there are not so many epochs'),
  save: z.object({ type: z.literal('save'), meta: Meta, tensors: Tensors }),
  load: z.object({ type: z.literal('load') }),
  note: z.object({ type: z.literal('note'), level: z.enum(['info', 'warn']), text: Text }),
} as const;

/** Whether numbers may follow a message. */
export const hasNumbers = ({ type }: Readonly<Record<string, unknown>>): boolean =>
  type === 'fitted' || type === 'save';

/** A message of a program. */
export type ProgramMessage = {
  readonly [K in keyof typeof PROGRAM_MESSAGES]: z.output<(typeof PROGRAM_MESSAGES)[K]>;
}[keyof typeof PROGRAM_MESSAGES];

/**
 * Parses a header as a message.
 * @throws Error that describes the problem
 */
export function parseProgramMessage(header: Readonly<Record<string, unknown>>): ProgramMessage {
  const { type } = header;
  const schema =
    typeof type === 'string' && Object.hasOwn(PROGRAM_MESSAGES, type)
      ? PROGRAM_MESSAGES[type as keyof typeof PROGRAM_MESSAGES]
      : undefined;
  if (schema === undefined)
    throw new Error(`it sent a message of the unknown type ${JSON.stringify(type)?.slice(0, 80)}`);
  const parsed = schema.safeParse(header);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(
    `its message "${String(type)}" is invalid at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
  );
}

/**
 * The reply of a program.
 * @throws the error that a `refused` or `failed` reply names
 */
export function expectMessage<T extends ProgramMessage['type']>(
  message: ProgramMessage,
  type: T,
  failed: (message: Extract<ProgramMessage, { type: 'failed' }>) => Error,
): Extract<ProgramMessage, { type: T }> | undefined {
  if (message.type === 'failed') throw failed(message);
  if (message.type !== type)
    throw new Error(`it sent "${message.type}" where "${type}" was expected`);
  return message as Extract<ProgramMessage, { type: T }>;
}

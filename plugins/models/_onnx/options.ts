import { z } from 'zod';

/** Precisions by their Hugging Face names, with the suffix of the file `model<suffix>.onnx`. */
export const DTYPES = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  q2: '_q2',
  q2f16: '_q2f16',
  q1: '_q1',
  q1f16: '_q1f16',
  bnb4: '_bnb4',
} as const;

const names = Object.keys(DTYPES) as [keyof typeof DTYPES, ...(keyof typeof DTYPES)[]];
const count = z.number().int().positive();

/**
 * Options of the `onnx` backend. Those that decide the model's output are part of its fingerprint;
 * docs/models.md has the table.
 */
export const OnnxOptions = z.strictObject({
  /** Model folder in the Hugging Face layout; relative paths start at the folder of the config. */
  folder: z.string().min(1),
  /**
   * Which precision to load; `auto` takes the first that exists, in the order of {@link DTYPES}.
   */
  dtype: z.enum(['auto', ...names]).default('auto'),
  /**
   * Path of the model file, relative to the folder, if it has an unusual name; overrides `dtype`.
   */
  file: z.string().min(1).optional(),
  /**
   * Tensors of the graph that contain the hidden states, if the backend does not find them: index 0
   * is the embedding output, the last one the state after the final norm.
   */
  hiddenStates: z
    .strictObject({
      tensors: z.array(z.string().min(1)).min(1),
      indices: z.array(z.number().int().min(0)).min(1).optional(),
    })
    .refine(
      ({ tensors, indices = tensors.map((_name, index) => index) }) =>
        indices.length === tensors.length &&
        indices.every((index, i) => i === 0 || index > (indices[i - 1] ?? 0)),
      '`indices` names the layer of each tensor, rising',
    )
    .optional(),
  /** Execution provider. */
  device: z.enum(['cpu', 'webgpu', 'cuda']).default('cpu'),
  /** Threads within an operator, per worker. Default: 1 with several workers, else all cores. */
  threads: count.optional(),
  /**
   * Batches computed in parallel, each by a worker thread with its own copy of the weights.
   * Default: one per core for small models, else 1.
   */
  workers: count.optional(),
  /** Maximum number of rows per batch. */
  batchSize: count.default(32),
  /**
   * Longer prompts are cut, and counted: the text, never the chat template around it. The default
   * 1,024 is that of the paper's code.
   */
  maxPromptTokens: count.default(1024),
  /** A system message for conversations that have none. */
  system: z.string().optional(),
  /** A Jinja chat template that replaces the one in the folder. */
  chatTemplate: z.string().min(1).optional(),
  /** Additional variables for the chat template, such as `{ enable_thinking: false }`. */
  templateArguments: z.record(z.string(), z.json()).default({}),
});

/** Parsed options of the `onnx` backend. */
export type OnnxOptions = z.output<typeof OnnxOptions>;

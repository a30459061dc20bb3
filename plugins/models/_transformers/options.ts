import { z } from '../../../core/index.js';
import { OpenAiOptions } from '../_openai/options.js';

const count = z.number().int().positive();

/**
 * Options of the `transformers` backend. Those that decide what the model says are part of its
 * fingerprint; docs/models.md has the table.
 */
export const TransformersOptions = z.strictObject({
  /**
   * Model folder in the Hugging Face layout: config.json, tokenizer.json, weights as safetensors; a
   * relative path starts at the folder of the config.
   */
  folder: z.string().min(1),
  /** A Python that has torch and transformers; a path with a slash starts at the config. */
  python: z.string().min(1).default('python3'),
  /** Where it runs: `auto` takes a CUDA device, else Apple's, else the CPU. */
  device: z
    .string()
    .regex(
      /^(auto|cpu|mps|(cuda|xpu|npu)(:\d+)?)$/,
      'it must be auto, cpu, cuda, cuda:<number>, mps, xpu or npu',
    )
    .default('auto'),
  /** Precision of the weights; `auto`: that of the checkpoint. Means are taken in float32. */
  dtype: z.enum(['auto', 'float32', 'float16', 'bfloat16']).default('auto'),
  /** Most prompts, and most tokens (padding included), that are read together. */
  batchSize: count.default(32),
  batchTokens: count.default(8192),
  /**
   * Longer prompts are cut, and counted: the text, never the chat template around it. 1,024 as in
   * the paper's code.
   */
  maxPromptTokens: count.default(1024),
  /** A system message put before every conversation that has none. */
  system: z.string().optional(),
  /** A Jinja chat template in place of the folder's own. */
  chatTemplate: z.string().min(1).optional(),
  /** More variables for the chat template, such as `{ enable_thinking: false }`. */
  templateArguments: z.record(z.string(), z.json()).default({}),
  /** Run model code that lies in the folder. */
  trustRemoteCode: z.boolean().default(false),
  /**
   * A server of the same model, which answers: options as of the backend `openai`. Without it the
   * model is read only.
   */
  server: OpenAiOptions.optional(),
});

/** Checked options of the `transformers` backend. */
export type TransformersOptions = z.output<typeof TransformersOptions>;

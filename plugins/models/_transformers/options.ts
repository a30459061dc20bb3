import { z } from '../../../core/index.js';
import { OpenAiOptions } from '../_openai/options.js';

const count = z.number().int().positive();

/**
 * Options of the `transformers` backend. Those that decide the model's output are part of its
 * fingerprint; docs/models.md has the table.
 */
export const TransformersOptions = z.strictObject({
  /**
   * Model folder in the Hugging Face layout: config.json, tokenizer.json, weights as safetensors;
   * relative paths start at the folder of the config.
   */
  folder: z.string().min(1),
  /** A Python that has torch and transformers; a path with a slash is relative to the config. */
  python: z.string().min(1).default('python3'),
  /** Device: `auto` takes a CUDA device, else Apple's, else the CPU. */
  device: z
    .string()
    .regex(
      /^(auto|cpu|mps|(cuda|xpu|npu)(:\d+)?)$/,
      'it must be auto, cpu, cuda, cuda:<number>, mps, xpu or npu',
    )
    .default('auto'),
  /** Precision of the weights; `auto`: that of the checkpoint. Means are computed in float32. */
  dtype: z.enum(['auto', 'float32', 'float16', 'bfloat16']).default('auto'),
  /** Maximum number of prompts, and of tokens (padding included), per batch. */
  batchSize: count.default(32),
  batchTokens: count.default(8192),
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
  /** Run model code from the folder. */
  trustRemoteCode: z.boolean().default(false),
  /**
   * A server of the same model, for answers: options as for the backend `openai`. Without it the
   * model can only be read.
   */
  server: OpenAiOptions.optional(),
});

/** Parsed options of the `transformers` backend. */
export type TransformersOptions = z.output<typeof TransformersOptions>;

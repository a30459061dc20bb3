/**
 * The pair of the paper (arXiv 2602.11877): Llama-3.1-8B-Instruct on your GPUs, GPT-5 behind its
 * API, xVerify as the verifier, and the
 * paper's sets and protocol. It needs two GPUs of 24 GB or more, vLLM 0.17 or later, and two keys
 * in .env:
 *
 *   npx rxb doctor && npx rxb run --dry-run && npx rxb run
 */
import { defineConfig, env } from 'routerxbench';

const gpt5 = {
  use: 'openai',
  options: {
    model: 'gpt-5',
    apiKey: env('OPENAI_API_KEY'),
    maxTokensField: 'max_completion_tokens',
    extraBody: { temperature: null },
    logprobs: false,
    topLogprobs: 0,
    choices: 'none',
  },
  generation: { maxTokens: 8192 },
};

export default defineConfig({
  extends: 'routerxbench/presets/paper',
  name: 'vllm-llama-gpt5',
  models: {
    weak: {
      use: 'vllm',
      options: {
        model: 'llama-3.1-8b-instruct',
        weights: 'meta-llama/Llama-3.1-8B-Instruct',
        port: 8000,
        gpus: [0],
        args: ['--max-model-len', '8192'],
        env: { HF_TOKEN: env('HF_TOKEN') },
        /**
         * Written to memory, read, pooled and removed; the last layer comes without the final norm
         * (docs/models.md).
         */
        hiddenStates: { depth: 32, dim: 4096, folder: '/dev/shm/rxb-llama' },
      },
    },
    strong: gpt5,
    judge: gpt5,
    xverify: {
      use: 'vllm',
      options: {
        model: 'xVerify',
        weights: 'IAAR-Shanghai/xVerify-9B-C',
        port: 8001,
        gpus: [1],
        args: ['--max-model-len', '8192'],
        topLogprobs: 0,
      },
    },
  },
  generation: { maxTokens: 1024 },
  routers: [
    'entropy',
    'confidence-margin',
    'top10-variance',
    'self-questioning',
    'semantic-entropy',
    'coe',
    'probe-mean',
    'probe-dynamic-dirichlet',
    'prompt-length',
  ],
  /**
   * US dollars per million tokens, from the page of the model on the day below. What your own GPUs
   * cost you, only you know: put it in, or leave it unknown.
   */
  prices: {
    date: '2026-11-24',
    source: 'https://developers.openai.com/api/docs/models',
    models: {
      'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 },
      // 'llama-3.1-8b-instruct': { input: 0, output: 0 },
      // xVerify: { input: 0, output: 0 },
    },
  },
});

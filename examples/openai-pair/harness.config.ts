/**
 * Two models behind one API: which questions can the small one keep? Copy this folder's
 * .env.example to .env, put your key in, and:
 *
 *   npx rxb doctor && npx rxb run --dry-run && npx rxb run --budget-usd 2
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { defineConfig, env } from 'routerxbench';

/** Where the package lies, with the small models that come in it. */
const routerxbench = dirname(createRequire(import.meta.url).resolve('routerxbench/package.json'));
/**
 * Where the models are and what pays for them: OpenAI, OpenRouter, Azure, or a server of your own.
 */
const server = { baseUrl: env('OPENAI_BASE_URL'), apiKey: env('OPENAI_API_KEY') };
/**
 * What reasoning models of OpenAI want: no temperature, another name for the limit, no
 * log-probabilities.
 */
const reasoning = {
  maxTokensField: 'max_completion_tokens',
  extraBody: { temperature: null, reasoning_effort: 'minimal' },
  logprobs: false,
  topLogprobs: 0,
  choices: 'none',
};

export default defineConfig({
  name: 'openai-pair',
  models: {
    weak: { use: 'openai', options: { model: 'gpt-5-nano', ...server, ...reasoning } },
    strong: { use: 'openai', options: { model: 'gpt-5', ...server, ...reasoning } },
    /** The small encoder of the package: it embeds the questions for `knn` and `logistic`. */
    encoder: { use: 'onnx', options: { folder: `${routerxbench}/models/tiny/encoder` } },
  },
  generation: { maxTokens: 2048, system: 'Answer with the answer alone.' },
  /**
   * Sets that come with the package. Yours: { use: 'jsonl', options: { … } }, or mmlu, math, …
   * (docs/datasets.md).
   */
  datasets: { inDomain: ['tiny-arithmetic', 'tiny-instruct'], outOfDomain: ['tiny-math-hard'] },
  limit: 100,
  routers: ['prompt-length', 'knn', 'logistic'],
  /**
   * US dollars per million tokens, from the pages of the models on the day below. Look them up
   * again; what is left out is unknown, never 0.
   */
  prices: {
    date: '2026-11-24',
    source: 'https://developers.openai.com/api/docs/models',
    models: {
      'gpt-5-nano': { input: 0.05, cachedInput: 0.005, output: 0.4 },
      'gpt-5': { input: 1.25, cachedInput: 0.125, output: 10 },
    },
  },
});

/** The public API for plugin authors: contracts, decorators, tokens, signals and small utilities. */
export { z } from 'zod';
export { defineConfig, type Config, type ExtendingConfig } from './config-schema.js';
export type * from './contracts.js';
export type * from './definitions.js';
export { inject } from './di.js';
export type { ErrorCatalogue, ErrorContext, ErrorDetails, ErrorEntry } from './error-entry.js';
export {
  defineErrors,
  getErrorMessage,
  HarnessError,
  HarnessErrors,
  type ErrorClass,
  type ErrorData,
} from './errors.js';
export { dataset, metric, model, reporter, router, scorer } from './plugin.js';
export {
  defineDataset,
  defineMetric,
  defineReporter,
  defineRouter,
  defineScorer,
} from './plugin.js';
export type { PluginClass, Tools } from './plugin.js';
export { env, EnvReference } from './secrets.js';
export {
  answer,
  as,
  choiceLogprobs,
  classLogits,
  embedding,
  entailment,
  hiddenStates,
  logits,
  reply,
  sampleEmbeddings,
  samples,
  type ChoiceSettings,
  type EntailmentSettings,
  type PromptForm,
  type ReplySettings,
  type SampleSettings,
  type SignalKind,
  type SignalRequest,
  type SignalsOf,
} from './signals/requests.js';
export type * from './signals/values.js';
export * from './tokens.js';
export type { Json, JsonObject } from './util/json.js';
export { seededRandom, type Random } from './util/random.js';

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
export { as } from './signals/requests.js';
export type { PromptForm, SignalRequest, SignalsOf } from './signals/requests.js';
export type { SignalKind } from './signals/table.js';
export type { Generated } from './signals/generated.js';
// one line for each kind of signal
export { logits, type Logits } from './signals/logits.js';
export { hiddenStates, type HiddenStates } from './signals/hidden-states.js';
export { embedding } from './signals/embedding.js';
export { classLogits } from './signals/class-logits.js';
export { answer } from './signals/answer.js';
export { samples, type SampleSettings } from './signals/samples.js';
export { sampleEmbeddings, type SampleEmbeddings } from './signals/sample-embeddings.js';
export { reply, type ReplySettings } from './signals/reply.js';
export { choiceLogprobs, type ChoiceSettings } from './signals/choice-logprobs.js';
export { entailment, type Entailment, type EntailmentSettings } from './signals/entailment.js';
export * from './tokens.js';
export type { Json, JsonObject } from './util/json.js';
export { seededRandom, type Random } from './util/random.js';

/** The door for plugin authors: contracts, decorators, tokens, small maths. Named exports only. */
export { z } from 'zod';
export { inject } from './di.js';
export {
  defineDataset,
  defineMetric,
  defineReporter,
  defineRouter,
  defineScorer,
  type Tools,
} from './define.js';
export type { PluginClass } from './plugin-files.js';
export { defineConfig, type Config, type ExtendingConfig } from './config-schema.js';
export type * from './contracts.js';
export type * from './metric.js';
export type * from './reporter.js';
export {
  defineErrors,
  getErrorMessage,
  HarnessError,
  HarnessErrors,
  type ErrorClass,
  type ErrorData,
} from './errors.js';
export type { ErrorCatalogue, ErrorContext, ErrorDetails, ErrorEntry } from './error-entry.js';
export { dataset, metric, model, reporter, router, scorer } from './plugin.js';
export type {
  DatasetDefinition,
  DatasetFacts,
  Finding,
  MetricDefinition,
  ModelDefinition,
  PluginDefinition,
  ReporterDefinition,
  RouterDefinition,
  ScorerDefinition,
} from './plugin.js';
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
export type {
  Entailment,
  Generated,
  HiddenStates,
  Logits,
  SampleEmbeddings,
} from './signals/values.js';
export { env, EnvReference } from './secrets.js';
export {
  FILES,
  LOGGER,
  OPTIONS,
  WORKSPACE,
  RANDOM,
  SECRETS,
  type FileCheck,
  type Files,
  type Logger,
  type Workspace,
  type RemoteFile,
  type Secrets,
} from './tokens.js';
export { seededRandom, type Random } from './util/random.js';
export type { Json, JsonObject } from './util/json.js';

/**
 * Contract suites for plugin authors, exported as `routerxbench/testing`. They need no test runner:
 * `check…` returns the violations; `…Contract` registers one test per rule with the `describe` and
 * `it` of mocha, vitest, jest or node:test.
 */
export { checkDataset, datasetContent, datasetContract, datasetRules } from './dataset.js';
export type { DatasetSubject, DatasetSuite } from './dataset-subject.js';
export {
  checkMetric,
  metricContract,
  metricRules,
  type MetricSubject,
  type MetricSuite,
} from './metric.js';
export { checkModel, modelContract, modelRules } from './model.js';
export type { ModelSubject, ModelSuite } from './model-subject.js';
export { checkPackage, packageContract, packageRules } from './package.js';
export type { PackageSubject, PackageSuite } from './package-subject.js';
export { checkReporter, reporterContract, reporterRules } from './reporter.js';
export { SYNTHETIC_REPORTS } from './reporter-reports.js';
export type {
  ReporterSubject,
  ReporterSuite,
  ReportFormat,
  WrittenText,
} from './reporter-subject.js';
export { checkRouter, routerContract, routerRules } from './router.js';
export type { RouterSubject, RouterSuite } from './router-subject.js';
export type { Rule, Runner, Violation } from './rule.js';
export {
  checkScorer,
  HOSTILE_TEXTS,
  scorerContract,
  scorerRules,
  type GradedExample,
  type ScorerSubject,
  type ScorerSuite,
} from './scorer.js';
export {
  buildFitData,
  syntheticRows,
  syntheticSignal,
  type SignalMaker,
  type SyntheticRow,
} from './synthetic.js';
export type { PluginClass } from './subject.js';

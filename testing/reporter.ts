/** The contract of reporters, as a list of rules, as a check and as tests. */
import { definitionRules } from './definition-rules.js';
import { reporterRules as outputRules } from './reporter-rules.js';
import { reporterSubject, type ReporterSubject, type ReporterSuite } from './reporter-subject.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import type { PluginClass } from './subject.js';

/** All rules for reporters. */
export const reporterRules: readonly Rule<ReporterSubject>[] = [...definitionRules, ...outputRules];

/** Checks a reporter class; an empty list means that it keeps its contract. */
export const checkReporter = (
  plugin: PluginClass,
  suite: ReporterSuite = {},
): Promise<readonly Violation[]> => checkRules(reporterRules, reporterSubject(plugin, suite));

/** Registers one test a rule for a reporter class. */
export const reporterContract = (
  plugin: PluginClass,
  suite: ReporterSuite = {},
  runner?: Runner,
): void =>
  registerRules(
    `${plugin.name} keeps the contract of reporters`,
    reporterRules,
    reporterSubject(plugin, suite),
    runner,
  );

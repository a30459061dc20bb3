/** The contract of routers: a list of rules, a check and tests. */
import { definitionRules } from './definition-rules.js';
import { routerFitRules } from './router-fit-rules.js';
import { routerScoreRules } from './router-score-rules.js';
import { routerSubject, type RouterSubject, type RouterSuite } from './router-subject.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';
import type { PluginClass } from './subject.js';

/** All rules for routers. Those about fitting apply only to routers that have `fit`. */
export const routerRules: readonly Rule<RouterSubject>[] = [
  ...definitionRules,
  ...routerScoreRules,
  ...routerFitRules,
];

/** Checks a router class; an empty list means that it satisfies the contract. */
export const checkRouter = (
  plugin: PluginClass,
  suite: RouterSuite = {},
): Promise<readonly Violation[]> => checkRules(routerRules, routerSubject(plugin, suite));

/** Registers one test per rule for a router class. */
export const routerContract = (
  plugin: PluginClass,
  suite: RouterSuite = {},
  runner?: Runner,
): void =>
  registerRules(
    `${plugin.name} keeps the contract of routers`,
    routerRules,
    routerSubject(plugin, suite),
    runner,
  );

/**
 * A contract is a list of rules; each has a name, a sentence, and a check that returns the
 * violations. Needs no test runner.
 */

/** One violation of a contract. `rule` is the name of the rule. */
export interface Violation {
  readonly rule: string;
  readonly problem: string;
}

/**
 * A rule about subjects of one kind. `check` returns the violations; an exception is a violation
 * too.
 */
export interface Rule<Subject> {
  readonly name: string;
  readonly sentence: string;
  /** Default: the rule applies to every subject. */
  readonly applies?: (subject: Subject) => boolean;
  readonly check: (subject: Subject) => Promise<readonly string[]> | readonly string[];
}

/**
 * The two functions of a test runner that the suites use; mocha, vitest, jest and node:test all
 * have them.
 */
export interface Runner {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => Promise<void>) => unknown;
}

const words = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);

/** Checks one rule on a subject. */
async function breaches<Subject>(
  rule: Rule<Subject>,
  subject: Subject,
): Promise<readonly string[]> {
  if (rule.applies?.(subject) === false) return [];
  try {
    return await rule.check(subject);
  } catch (thrown) {
    return [`it threw: ${words(thrown)}`];
  }
}

/** Checks all rules on a subject, one after another. */
export async function checkRules<Subject>(
  rules: readonly Rule<Subject>[],
  subject: Subject,
): Promise<readonly Violation[]> {
  const found: Violation[] = [];
  for (const rule of rules)
    for (const problem of await breaches(rule, subject)) found.push({ rule: rule.name, problem });
  return found;
}

/**
 * Registers one test per rule with a test runner; by default, with the global `describe` and `it`.
 */
export function registerRules<Subject>(
  title: string,
  rules: readonly Rule<Subject>[],
  subject: Subject,
  runner: Runner = globalThis as unknown as Runner,
): void {
  runner.describe(title, () => {
    for (const rule of rules) {
      if (rule.applies?.(subject) === false) continue;
      runner.it(rule.sentence, async () => {
        const problems = await breaches(rule, subject);
        if (problems.length > 0)
          throw new Error(`${rule.name}: ${problems.slice(0, 5).join('; ')}`);
      });
    }
  });
}

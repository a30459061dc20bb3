/** The contract of routers for a whole package, such as a program in another language. */
import { definitionRules } from './definition-rules.js';
import { processRules } from './package-rules.js';
import { packageSubjects, type PackageSubject, type PackageSuite } from './package-subject.js';
import { routerFitRules } from './router-fit-rules.js';
import { routerScoreRules } from './router-score-rules.js';
import { checkRules, registerRules, type Rule, type Runner, type Violation } from './rule.js';

/**
 * Rules that look inside an instance. In another process there is nothing to look at: it gets
 * copies, what it did not declare is not sent, and the protocol fixes its methods. `stops` and
 * `refuses-options` are what remains of two of them.
 */
const INSIDE: ReadonlySet<string> = new Set([
  'marked',
  'strict-options',
  'one-score',
  'no-randomness',
  'leaves-inputs-alone',
  'reads-only-declared',
  'abortable',
  'leaves-fit-rows-alone',
  'one-class', // with one of its own: an error of a process has no code
]);

const closing = (rule: Rule<PackageSubject>): Rule<PackageSubject> => ({
  ...rule,
  check: async (subject) => {
    try {
      return await rule.check(subject);
    } finally {
      await subject.close();
    }
  },
});

/** All rules for routers of a package. Those about fitting apply only to routers that learn. */
export const packageRules: readonly Rule<PackageSubject>[] = [
  ...[...definitionRules, ...routerScoreRules, ...routerFitRules].filter(
    ({ name }) => !INSIDE.has(name),
  ),
  ...processRules,
].map(closing);

/**
 * Checks every router of the package in a folder; an empty list means that they satisfy the
 * contract.
 * @throws HarnessError where the package cannot be started
 */
export async function checkPackage(
  folder: string,
  suite: PackageSuite = {},
): Promise<readonly Violation[]> {
  const found: Violation[] = [];
  for (const subject of await packageSubjects(folder, suite))
    found.push(...(await checkRules(packageRules, subject)));
  return found;
}

/**
 * Registers one test per rule for every router of the package in a folder. It must be awaited:
 * which routers there are, only the package itself can tell.
 */
export async function packageContract(
  folder: string,
  suite: PackageSuite = {},
  runner: Runner = globalThis as unknown as Runner,
): Promise<void> {
  const subjects = await packageSubjects(folder, suite).catch((thrown: unknown) => {
    runner.describe(folder, () => {
      runner.it('can be started and opened', async () => await Promise.reject(thrown as Error));
    });
    return [];
  });
  for (const subject of subjects)
    registerRules(
      `${subject.described.definition.name} keeps the contract of routers`,
      packageRules,
      subject,
      runner,
    );
}

/** `rxb check-router`: the contract suite for the routers of a package, in any language. */
import { resolve } from 'node:path';
import { checkRules } from '../../testing/rule.js';
import { packageRules } from '../../testing/package.js';
import { packageSubjects, type PackageSubject } from '../../testing/package-subject.js';
import { PipelineError } from '../../pipeline/errors.js';
import { showPluginText } from '../../pipeline/failure-text.js';
import { CliError } from '../errors.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';

/** Flags of the command. */
export interface CheckRouterFlags extends GlobalOptions {
  readonly router?: string;
  readonly options?: string;
  readonly trust?: boolean;
}

/** @throws RXB1005 where the options are not a JSON object */
function parseOptions(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // reported below
  }
  throw new PipelineError('invalidOption', {
    option: '--options',
    value: text,
    problem: 'it must be a JSON object, such as \'{"epochs": 20}\'',
    command: 'check-router',
  });
}

interface Checked {
  readonly rule: string;
  readonly sentence: string;
  readonly problems: readonly string[];
}

/** Each rule that applies to a router, and what is wrong by it. */
async function checkAll(
  subject: PackageSubject,
  done: (checked: Checked) => void,
): Promise<readonly Checked[]> {
  const all: Checked[] = [];
  for (const rule of packageRules) {
    if (rule.applies?.(subject) === false) continue;
    const problems = (await checkRules([rule], subject)).map(({ problem }) => problem);
    const checked = { rule: rule.name, sentence: rule.sentence, problems };
    all.push(checked);
    done(checked);
  }
  return all;
}

/**
 * Checks the routers of the package in a folder and prints one line per rule.
 * @throws RXB2223 where a rule is broken
 */
export async function checkRouterCommand(
  folder: string,
  flags: CheckRouterFlags,
  io: Io,
): Promise<ExitCode> {
  const subjects = await packageSubjects(resolve(io.cwd, folder), {
    ...(flags.router === undefined ? {} : { router: flags.router }),
    ...(flags.options === undefined ? {} : { options: parseOptions(flags.options) }),
    ...(flags.trust === true ? { isolation: { trust: ['all'] } } : {}),
  });
  const json = flags.json === true;
  const results: { readonly router: string; readonly rules: readonly Checked[] }[] = [];
  for (const subject of subjects) {
    const router = subject.described.definition.name;
    if (!json) io.out(`${showPluginText(router)}\n`);
    const rules = await checkAll(subject, ({ rule, sentence, problems }) => {
      if (json) return;
      io.out(`  ${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${rule}: ${sentence}\n`);
      for (const problem of problems.slice(0, 5)) io.out(`          ${showPluginText(problem)}\n`);
    });
    results.push({ router, rules });
  }
  if (json) printJson(io, results);
  const broken = results.flatMap(({ router, rules }) =>
    rules.filter(({ problems }) => problems.length > 0).map(({ rule }) => `${router}: ${rule}`),
  );
  if (broken.length === 0) return 0;
  if (json) return 2; // the one JSON value says it all
  throw new CliError('contractBroken', {
    package: folder,
    rules: broken.join(', '),
  });
}

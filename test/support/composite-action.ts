/**
 * Runs the steps of a composite action like GitHub's runner: fills in expressions, runs each `run`
 * with bash, reads outputs from their file.
 */
import { execa } from 'execa';
import { load } from 'js-yaml';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly shell: string;
  readonly 'working-directory'?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: 'composite'; readonly steps: readonly Step[] };
}

/** A job that uses the action. */
export interface Job {
  /** Folder of the action's repository. */
  readonly action: string;
  /** Folder of the checkout. */
  readonly workspace: string;
  readonly with: Readonly<Record<string, string>>;
  readonly token: string;
  /** GITHUB_… variables of the job: the event and the commit. */
  readonly env: Readonly<Record<string, string>>;
}

/** How the job ended. */
export interface Ended {
  readonly failed: boolean;
  /** Names of the steps that ran, in order. */
  readonly ran: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly log: string;
  readonly summary: string;
}

const SHELL = ['--noprofile', '--norc', '-eo', 'pipefail'] as const; // the meaning of `shell: bash`

/** An expression of GitHub Actions; unknown names are empty, as on GitHub. */
function evaluateWith(expression: string, values: readonly unknown[]): unknown {
  const source = expression.replace(
    /\b(inputs|steps|github)((?:\.\w+)+)/g,
    (_whole, root: string, path: string) => `(${root}${path.replace(/\./g, '?.')} ?? '')`,
  );
  const compiled = new Function('inputs', 'steps', 'github', 'always', `return (${source});`) as (
    ...args: readonly unknown[]
  ) => unknown;
  return compiled(...values);
}

async function readOutputs(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** Runs the action. */
export async function runAction({
  action: folder,
  workspace,
  with: given,
  token,
  env,
}: Job): Promise<Ended> {
  const action = load(await readFile(join(folder, 'action.yml'), 'utf8')) as Action;
  const defaults = Object.entries(action.inputs).map(([name, input]) => [name, input.default]);
  const inputs: Record<string, string> = { ...Object.fromEntries(defaults), ...given };
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  let failed = false;
  const evaluate = (expression: string): unknown =>
    evaluateWith(expression, [inputs, steps, { token }, () => true]);
  const filled = (text: string): string =>
    text.replace(/\$\{\{(.*?)\}\}/g, (_whole, expression: string) => String(evaluate(expression)));
  for (const [name, value] of Object.entries(inputs)) inputs[name] = filled(value);

  const temporary = join(workspace, '..', 'runner');
  const summary = join(temporary, 'summary.md');
  await mkdir(temporary, { recursive: true });
  await writeFile(summary, '');
  const ran: string[] = [];
  let log = '';
  for (const [i, step] of action.runs.steps.entries()) {
    const condition = step.if ?? 'true';
    if ((failed && !condition.includes('always()')) || evaluate(condition) !== true) continue;
    const [script, output] = [join(temporary, `step-${i}.sh`), join(temporary, `output-${i}`)];
    await writeFile(script, filled(step.run));
    await writeFile(output, '');
    const { all, exitCode } = await execa(step.shell, [...SHELL, script], {
      cwd: resolve(workspace, filled(step['working-directory'] ?? '.')),
      all: true,
      reject: false,
      env: {
        ...env,
        GITHUB_ACTIONS: 'true',
        CI: 'true',
        NO_COLOR: '1',
        GITHUB_WORKSPACE: workspace,
        GITHUB_ACTION_PATH: folder,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: temporary,
        ...Object.fromEntries(
          Object.entries(step.env ?? {}).map(([name, value]) => [name, filled(value)]),
        ),
      },
    });
    ran.push(step.name);
    log += `${all}\n`;
    if (exitCode !== 0) failed = true;
    if (step.id !== undefined) steps[step.id] = { outputs: await readOutputs(output) };
  }
  const outputs = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, filled(value)]),
  );
  return { failed, ran, outputs, log, summary: await readFile(summary, 'utf8') };
}

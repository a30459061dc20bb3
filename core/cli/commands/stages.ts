/** run, prepare, train, eval. */
import { relative } from 'node:path';
import type { Overrides } from '../../config.js';
import { HarnessError } from '../../errors.js';
import { METRICS } from '../../metrics/index.js';
import { openProject } from '../../project.js';
import { boardTable } from '../../report/table.js';
import { runStages, type RunOutcome, type Stage } from '../../run.js';
import { PARTS, type Part } from '../../stages/prepare.js';
import { suggestion } from '../../util/closest.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';
import { exitCodeOf, mistakesJson, printMistakes } from '../print-errors.js';
import { progress } from '../progress.js';

/** Flags of the four commands. */
export interface StageOptions extends GlobalOptions {
  readonly datasets?: readonly string[];
  readonly routers?: readonly string[];
  readonly limit?: string;
  readonly seed?: string;
  readonly results?: string;
  readonly name?: string;
  readonly only?: readonly string[];
  readonly weights?: string;
  readonly metric?: string;
}

const whole = (option: string, text: string | undefined, smallest: number, command: string): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= smallest && text.trim() !== '') return value;
  throw new HarnessError('RXB1005', { option, value: `"${text}"`, problem: `it must be a whole number of at least ${smallest}`, command });
};

const partsOf = (only: readonly string[] | undefined, command: string): readonly Part[] | undefined =>
  only?.map((part) => {
    const known = PARTS.find((name) => name === part);
    if (known === undefined) throw new HarnessError('RXB1005', { option: '--only', value: `"${part}"`, problem: `the parts are ${PARTS.join(', ')}.${suggestion(part, PARTS)}`, command });
    return known;
  });

/** The metric of a table; an unknown one is named with the closest known one. */
export function metricOf(name: string | undefined, fallback: string, command: string): string {
  if (name === undefined) return fallback;
  const known = [...METRICS.map((metric) => metric.name), 'auroc-drop'];
  if (known.includes(name)) return name;
  throw new HarnessError('RXB1005', { option: '--metric', value: `"${name}"`, problem: `the metrics are ${known.join(', ')}.${suggestion(name, known)}`, command });
}

/** Runs the stages and prints what came of them. */
export async function stagesCommand(command: string, stages: readonly Stage[], options: StageOptions, io: Io): Promise<ExitCode> {
  const limit = whole('--limit', options.limit, 1, command);
  const seed = whole('--seed', options.seed, -(2 ** 31), command);
  const metric = metricOf(options.metric, 'auroc', command);
  const only = partsOf(options.only, command);
  const flags: Overrides = {
    ...(limit === undefined ? {} : { limit }),
    ...(seed === undefined ? {} : { seed }),
    ...(options.results === undefined ? {} : { results: options.results }),
    ...(options.name === undefined ? {} : { name: options.name }),
  };
  const observer = progress(io, options.quiet === true);
  try {
    const project = await openProject({ cwd: io.cwd, configFile: options.config, flags, env: io.env, observer });
    const outcome = await runStages(project, { stages, only, datasets: options.datasets, routers: options.routers, weights: options.weights, signal: io.signal, observer });
    observer.end();
    return report(outcome, metric, options.json === true, io);
  } finally {
    observer.end();
  }
}

function report(outcome: RunOutcome, metric: string, json: boolean, io: Io): ExitCode {
  const { board, record, failures, folder } = outcome;
  const where = relative(io.cwd, folder) || '.';
  if (json) {
    io.out(`${JSON.stringify({ run: record.run, seconds: record.seconds, modelCalls: record.modelCalls, folder: where, board, errors: mistakesJson(failures) }, null, 2)}\n`);
  } else {
    if (board !== null) io.out(`${boardTable(board, { metric, colour: io.colour })}\n\n`);
    const calls = Object.entries(record.modelCalls).filter(([, count]) => count > 0);
    const said = calls.length === 0 ? '0 model calls: all answers and signals were found finished' : `${calls.reduce((sum, [, count]) => sum + count, 0)} model calls (${calls.map(([name, count]) => `${name} ${count}`).join(', ')})`;
    io.out(`${said}, ${record.seconds.toFixed(1)} s.${board === null ? '' : ` Results in ${where}, the board in results/leaderboard.md.`}\n`);
  }
  if (failures.length === 0) return 0;
  printMistakes(failures, io);
  return exitCodeOf(failures);
}

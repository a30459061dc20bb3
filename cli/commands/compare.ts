/** `rxb compare A B`. */
import Table from 'cli-table3';
import { resample } from '../../pipeline/stages/resample.js';
import { HarnessErrors, HarnessError } from '../../core/errors.js';
import { compare, type Comparison, type Difference } from '../../analysis/comparison/compare.js';
import { listSetDifferences } from '../../analysis/comparison/set-differences.js';
import { pairingNotes } from '../../plugins/reporters/_report/gate.js';
import { resultJson } from '../../storage/results/store.js';
import { openComparedRun } from '../../pipeline/comparison/compared-run.js';
import { parseChoice, share, wholeNumber, words } from '../flags.js';
import type { ExitCode, Io } from '../io.js';
import { progress } from '../progress.js';
import { gateProject, type GateFlags } from './gate-project.js';
import { decimals, signedDecimals } from '../../analysis/util/decimals.js';
import type { ComparedRun } from '../../analysis/comparison/compared-run.js';
import { CliError } from '../errors.js';

/** Flags of the command. */
export interface CompareFlags extends GateFlags {
  readonly metrics?: string;
  readonly routers?: string;
  readonly callRate: string;
  readonly flips: string;
}

const line = ({
  router,
  column,
  metric,
  before,
  after,
  difference,
  ci,
  p,
  reason,
}: Difference): readonly string[] => [
  router,
  column,
  metric,
  decimals(before),
  decimals(after),
  `${signedDecimals(difference)}${ci === undefined ? '' : ` [${signedDecimals(ci[0])}, ${signedDecimals(ci[1])}]`}`,
  p === undefined ? (reason ?? '') : p < 0.0001 ? '< 0.0001' : p.toFixed(4),
];

/** Refuses sides that have nothing in common, or whose common sets stand on different things. */
export function refuseIncomparable(before: ComparedRun, after: ComparedRun): void {
  const reasons = listSetDifferences(before, after).map(
    (problem) =>
      new CliError('notComparable', { before: before.label, after: after.label, problem }),
  );
  if (!after.sets.some(({ name }) => before.sets.some((set) => set.name === name)))
    reasons.push(
      new CliError('notComparable', {
        before: before.label,
        after: after.label,
        problem: 'they have no dataset in common',
      }),
    );
  if (reasons.length === 1) throw reasons[0] as HarnessError;
  if (reasons.length > 1) throw new HarnessErrors(reasons);
}

/** Prints the differences. */
export async function compareCommand(
  names: readonly [string, string],
  flags: CompareFlags,
  io: Io,
): Promise<ExitCode> {
  const routers = words('--routers', flags.routers, 'compare');
  const callRate = share('--call-rate', flags.callRate, 'compare');
  const most = wholeNumber('--flips', flags.flips, 0, 'compare') as number;
  const { config, folders, metrics, definitions } = await gateProject(flags, io);
  const named = words('--metrics', flags.metrics, 'compare')?.map((name) =>
    parseChoice(
      '--metrics',
      name,
      definitions.map((metric) => metric.name),
      'compare',
    ),
  );
  const [before, after] = [
    await openComparedRun(names[0], folders),
    await openComparedRun(names[1], folders),
  ];
  refuseIncomparable(before, after);
  const observer = progress(io, false);
  const task = observer.task('resample', config.statistics.resamples, 0);
  let compared: Comparison;
  try {
    compared = await compare(before, after, {
      metrics: named ?? Object.keys(config.gate.metrics),
      definitions,
      routers,
      statistics: config.statistics,
      flips: { callRate, most },
      signal: io.signal,
      resample: (jobs, how) => resample(metrics, jobs, how),
      advance: (by) => task.advance(by),
    });
  } finally {
    task.end();
    observer.end();
  }
  if (compared.differences.length === 0)
    throw new CliError('notComparable', {
      before: before.label,
      after: after.label,
      problem: 'they have no router in common',
    });
  const { differences, flips, only } = compared;
  if (flags.json === true) {
    io.out(
      resultJson({
        before: { label: before.label, kind: before.kind },
        after: { label: after.label, kind: after.kind },
        level: config.statistics.level,
        differences,
        flips,
        only,
      }),
    );
    return 0;
  }
  const table = new Table({
    head: ['router', 'column', 'metric', before.label, after.label, 'difference', 'p'],
    style: { head: [], border: [], compact: true },
  });
  for (const difference of differences) table.push([...line(difference)]);
  io.out(`${table.toString()}\n`);
  for (const note of pairingNotes(differences)) io.out(`${note}\n`);
  if (only.before.length > 0) io.out(`Only in ${before.label}: ${only.before.join(', ')}.\n`);
  if (only.after.length > 0) io.out(`Only in ${after.label}: ${only.after.join(', ')}.\n`);
  for (const { router, dataset, rows, flipped, better, worse, accuracy, queries } of flips) {
    io.out(
      `\n${router} on ${dataset} at ${Math.round(100 * callRate)} % calls: ${flipped} of ${rows} queries flipped, ${better} answers better, ${worse} worse${accuracy === undefined ? '' : ` (right ${accuracy.before.value.toFixed(4)} → ${accuracy.after.value.toFixed(4)}, McNemar p ${accuracy.p.toFixed(4)})`}.\n`,
    );
    for (const { id, from, change } of queries)
      io.out(
        `  ${id}: ${from} → ${from === 'weak' ? 'strong' : 'weak'}, ${change === 0 ? 'same grade' : `grade ${signedDecimals(change)}`}\n`,
      );
  }
  return 0;
}

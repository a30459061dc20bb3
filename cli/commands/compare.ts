/** `rxb compare A B`. */
import { listMetricDifferences } from '../../analysis/comparison/metric-differences.js';
import { listSetDifferences } from '../../analysis/comparison/set-differences.js';
import { openComparedRun } from '../../pipeline/comparison/compared-run.js';
import { parseMetric, share, wholeNumber, words } from '../flags.js';
import type { ExitCode, Io } from '../io.js';
import { namedReporters, openCommandReporters, reportWith } from '../reporters.js';
import { compareWithProgress } from '../compare-with-progress.js';
import { gateProject, type GateFlags } from './gate-project.js';
import type { ComparisonReport } from '../../analysis/report.js';
import type { ComparedRun } from '../../analysis/comparison/compared-run.js';
import { distinguishedMetrics, type ProjectMetric } from '../../pipeline/planning/metrics.js';
import type { ComparedSet } from '../../storage/results/types.js';
import { CliError } from '../errors.js';

/** Flags of the command. */
export interface CompareFlags extends GateFlags {
  readonly metrics?: string;
  readonly routers?: string;
  readonly callRate: string;
  readonly flips: string;
}

/**
 * Refuses runs that have no dataset in common, or whose common datasets or metrics differ in what
 * they measure. Says the most telling difference: others often follow from it.
 */
export function refuseIncomparable(
  before: ComparedRun,
  after: ComparedRun,
  metrics: readonly string[],
  known: readonly ProjectMetric[],
): void {
  const isShared = ({ name }: ComparedSet): boolean => before.sets.some((set) => set.name === name);
  const [problem] = [
    ...listSetDifferences(before, after),
    ...(after.sets.some(isShared) ? [] : ['they have no dataset in common']),
    ...listMetricDifferences(before, after, metrics, distinguishedMetrics(known)),
  ];
  if (problem !== undefined)
    throw new CliError('notComparable', { before: before.label, after: after.label, problem });
}

/** Reports the differences. */
export async function compareCommand(
  sources: readonly [string, string],
  flags: CompareFlags,
  io: Io,
): Promise<ExitCode> {
  const routers = words('--routers', flags.routers, 'compare');
  const callRate = share('--call-rate', flags.callRate, 'compare');
  const most = wholeNumber('--flips', flags.flips, 0, 'compare') as number;
  const named = namedReporters(flags, 'compare', io);
  const { config, folders, project, metrics, definitions } = await gateProject(flags, io);
  const names = definitions.map(({ name }) => name);
  const compared = words('--metrics', flags.metrics, 'compare')?.map((name) =>
    parseMetric('--metrics', name, names, 'compare', project.registry),
  );
  const reporters = await openCommandReporters(project, { kind: 'comparison', named }, flags, io);
  const baseline = await openComparedRun(sources[0], folders);
  const candidate = await openComparedRun(sources[1], folders);
  const chosen = compared ?? Object.keys(config.gate.metrics);
  refuseIncomparable(baseline, candidate, chosen, metrics);
  const { differences, flips, only } = await compareWithProgress(baseline, candidate, io, {
    metrics: chosen,
    known: metrics,
    routers,
    statistics: config.statistics,
    flips: { callRate, most },
  });
  if (differences.length === 0)
    throw new CliError('notComparable', {
      before: baseline.label,
      after: candidate.label,
      problem: 'they have no router in common',
    });
  const report: ComparisonReport = {
    kind: 'comparison',
    baseline: { label: baseline.label, kind: baseline.kind },
    candidate: { label: candidate.label, kind: candidate.kind },
    level: config.statistics.level,
    callRate,
    differences,
    flips,
    only: { baseline: only.before, candidate: only.after },
  };
  return await reportWith(reporters, report, io);
}

/** What reporters are given of a run. */
import { relative, resolve } from 'node:path';
import type { MetricDefinition } from '../../core/definitions.js';
import type { ReportedMetric, RunReport } from '../../analysis/report.js';
import {
  readLeaderboard,
  readRecord,
  readResults,
  runFolder,
} from '../../storage/results/store.js';
import type { RouterResult } from '../../storage/results/types.js';
import { getMetricDefinitions } from '../planning/metrics.js';
import type { Project } from '../project.js';
import { getProjectMetrics } from '../project-metrics.js';
import type { Evaluated, RunOutcome } from '../run.js';

/** The folder of results, absolute. */
export const resultsFolder = ({ folder, config }: Project): string =>
  resolve(folder, config.results);

/** The folder of the leaderboard: that of results, or that of a run of a part of the config. */
export const leaderboardFolder = (project: Project): string =>
  project.part === null
    ? resultsFolder(project)
    : runFolder(resultsFolder(project), project.config.name);

/** A path as people read it: relative to the working directory where it is below that. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') ? path : short;
}

/** Every metric that a leaderboard may have. */
const reportedMetrics = (metrics: readonly MetricDefinition[]): readonly ReportedMetric[] =>
  metrics.map(({ name, summary, better }) => ({ name, summary, better }));

const shownPaths = (project: Project, run: string): RunReport['paths'] => ({
  results: shownPath(project.opening.cwd, leaderboardFolder(project)),
  run: shownPath(project.opening.cwd, runFolder(resultsFolder(project), run)),
});

/** The report of a run that has just ended; `metric` is the one that the user asked for. */
export function buildRunReport(
  project: Project,
  { run, call, failures, overlap, metrics }: RunOutcome,
  { leaderboard, results, sets }: Evaluated,
  metric: string | undefined,
): RunReport {
  return {
    kind: 'run',
    run,
    leaderboard,
    metrics: reportedMetrics(metrics),
    metric: metric ?? null,
    sets,
    results,
    failures,
    overlap,
    call,
    latency: call.latency,
    paths: shownPaths(project, run),
  };
}

/**
 * The report of the last whole run, or of a run by its name, from its files. @throws StorageError
 * where there is none
 */
export async function readRunReport(
  project: Project,
  metric: string | undefined,
  name: string | undefined,
): Promise<RunReport> {
  const folder = resultsFolder(project);
  const leaderboard = await readLeaderboard(name === undefined ? folder : runFolder(folder, name));
  const { run } = leaderboard;
  const listed = new Set(leaderboard.rows.map(({ router }) => router));
  const isListed = ({ router }: RouterResult): boolean => listed.has(router);
  const results = (await readResults(runFolder(folder, run))).filter(isListed);
  const known = new Set(results.map(({ dataset }) => dataset));
  return {
    kind: 'run',
    run,
    leaderboard,
    metrics: reportedMetrics(getMetricDefinitions(await getProjectMetrics(project))),
    metric: metric ?? null,
    sets: leaderboard.columns.map(({ name }) => name).filter((name) => known.has(name)),
    results,
    failures: [],
    overlap: [],
    call: null,
    latency: (await readRecord(runFolder(folder, run)))?.latency ?? {},
    paths: shownPaths(project, run),
  };
}

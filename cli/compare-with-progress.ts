import { compare, type CompareOptions, type Comparison } from '../analysis/comparison/compare.js';
import type { ComparedRun } from '../analysis/comparison/compared-run.js';
import {
  getMetricDefinitions,
  refuseBroken,
  type ProjectMetric,
} from '../pipeline/planning/metrics.js';
import { resample } from '../pipeline/stages/resample.js';
import type { Io } from './io.js';
import { progress } from './progress.js';

/** Compares two runs; shows how far the resampling is. */
export async function compareWithProgress(
  baseline: ComparedRun,
  candidate: ComparedRun,
  io: Io,
  {
    known,
    ...options
  }: Pick<CompareOptions, 'metrics' | 'routers' | 'statistics' | 'flips'> & {
    readonly known: readonly ProjectMetric[];
  },
): Promise<Comparison> {
  const observer = progress(io, false);
  const task = observer.task('resample', options.statistics.resamples, 0);
  try {
    const compared = await compare(baseline, candidate, {
      ...options,
      signal: io.signal,
      definitions: getMetricDefinitions(known),
      resample: (jobs, how) => resample(known, jobs, how),
      advance: (by) => task.advance(by),
    });
    refuseBroken(known);
    return compared;
  } finally {
    task.end();
    observer.end();
  }
}

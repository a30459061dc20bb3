import { compare, type CompareOptions, type Comparison } from '../analysis/comparison/compare.js';
import type { ComparedRun } from '../analysis/comparison/compared-run.js';
import { resample } from '../pipeline/stages/resample.js';
import type { Io } from './io.js';
import { progress } from './progress.js';

/** Compares two runs; shows how far the resampling is. */
export async function compareWithProgress(
  baseline: ComparedRun,
  candidate: ComparedRun,
  io: Io,
  options: Pick<CompareOptions, 'metrics' | 'routers' | 'statistics' | 'flips'>,
): Promise<Comparison> {
  const observer = progress(io, false);
  const task = observer.task('resample', options.statistics.resamples, 0);
  try {
    return await compare(baseline, candidate, {
      ...options,
      signal: io.signal,
      resample,
      advance: (by) => task.advance(by),
    });
  } finally {
    task.end();
    observer.end();
  }
}

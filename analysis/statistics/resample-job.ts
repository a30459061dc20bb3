/** Work for the bootstrap over queries, in one thread or in several. */
import type { MetricSettings } from '../metrics/types.js';
import type { RouterColumn } from './bootstrap.js';
import type { SharedRows } from './shared-rows.js';

/** One set and the routers on it. */
export interface ResampleJob {
  readonly shared: SharedRows;
  readonly routers: readonly RouterColumn[];
  readonly settings: MetricSettings;
  /** Names the stream of draws. */
  readonly seed: string;
  readonly resamples: number;
}

/** How to run the jobs. */
export interface ResampleOptions {
  readonly signal: AbortSignal;
  /** Called with the number of resamples (of one set each) done since the last call. */
  readonly advance: (resamples: number) => void;
  /** Default: one per core, at most eight. */
  readonly threads?: number;
}

/**
 * For each job, for each of its routers, values[resample · metrics]. The values do not depend on
 * the number of threads.
 */
export type Resample = (
  jobs: readonly ResampleJob[],
  options: ResampleOptions,
) => Promise<readonly (readonly Float32Array[])[]>;

/** Resampling of many sets, shared out among threads where it is worth their start. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { MetricSettings } from '../metrics/types.js';
import { bootstrap, type RouterColumn } from '../statistics/bootstrap.js';
import type { SharedRows } from '../statistics/sorted-rows.js';
import { METRIC_NAMES } from '../statistics/weighted-metrics.js';

/** One set and the routers on it. */
export interface ResampleJob {
  readonly shared: SharedRows;
  readonly routers: readonly RouterColumn[];
  readonly settings: MetricSettings;
  /** Names the stream of draws. */
  readonly seed: string;
  readonly resamples: number;
}

/** What a thread is asked: some resamples of a set. */
export interface ResampleRequest {
  readonly job: ResampleJob;
  readonly from: number;
  readonly to: number;
}

/** How to go about it. */
export interface ResampleOptions {
  readonly signal: AbortSignal;
  /** Called with the number of resamples (of one set each) done since the last call. */
  readonly advance: (resamples: number) => void;
  /** Left out = as many as there are cores, at most eight. */
  readonly threads?: number;
}

/** Rows to walk over, times resamples, in one request: about a tenth of a second. */
const REQUEST_WORK = 5e6;
/** Below this a thread costs more than it saves. */
const WORTH_THREADS = 6e7;
const MOST_THREADS = 8;

const columnsOf = ({ routers }: ResampleJob): number => routers.reduce((sum, { confidences }) => sum + confidences.length, 0);

const requestsOf = (job: ResampleJob): readonly ResampleRequest[] => {
  const size = Math.max(1, Math.floor(REQUEST_WORK / Math.max(1, job.shared.n * columnsOf(job))));
  return Array.from({ length: Math.ceil(job.resamples / size) }, (_, i) => ({ job, from: i * size, to: Math.min(job.resamples, (i + 1) * size) }));
};

/** For each job, for each of its routers, values[resample · metrics]: the same whatever the number of threads. */
export async function resample(jobs: readonly ResampleJob[], { signal, advance, threads = Math.min(availableParallelism(), MOST_THREADS) }: ResampleOptions): Promise<readonly (readonly Float32Array[])[]> {
  const width = METRIC_NAMES.length;
  const results = jobs.map(({ routers, resamples }) => routers.map(() => new Float32Array(resamples * width)));
  const waiting = jobs.flatMap(requestsOf);
  const keep = ({ job, from, to }: ResampleRequest, values: readonly Float32Array[]): void => {
    const own = results[jobs.indexOf(job)] ?? [];
    values.forEach((part, router) => own[router]?.set(part, from * width));
    advance(to - from);
  };
  const work = jobs.reduce((sum, job) => sum + job.resamples * job.shared.n * columnsOf(job), 0);
  if (threads < 2 || waiting.length < 2 || work < WORTH_THREADS) {
    for (const request of waiting) {
      await new Promise(setImmediate); // so that an interruption is heard and progress is drawn
      signal.throwIfAborted();
      const { shared, routers, settings, seed } = request.job;
      keep(request, bootstrap(shared, routers, settings, { seed, from: request.from, to: request.to }));
    }
    return results;
  }
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(threads, waiting.length) }, async () => {
      const worker = new Worker(new URL('./resample-worker.js', import.meta.url));
      try {
        for (let request = waiting.shift(); request !== undefined; request = waiting.shift()) {
          signal.throwIfAborted();
          keep(request, await asked(worker, request));
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}

const asked = (worker: Worker, request: ResampleRequest): Promise<readonly Float32Array[]> =>
  new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      then();
    };
    const onMessage = (values: readonly Float32Array[]): void => settle(() => resolve(values));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new Error('the thread that resamples ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });

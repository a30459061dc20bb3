/** Resampling of many sets, shared out among threads where it is worth their start. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { Bootstrap, type Resamples } from '../../analysis/statistics/bootstrap.js';
import type { ProjectMetric } from '../planning/metrics.js';
import { HarnessError, type ErrorData } from '../../core/errors.js';
import type { ResampleJob, ResampleOptions } from '../../analysis/statistics/resample-job.js';

/** Some resamples of a set. */
interface Part {
  readonly job: ResampleJob;
  readonly which: Resamples;
}

/**
 * What a thread is asked: a part, without its set where that is still the one of the request
 * before.
 */
export interface ResampleRequest {
  readonly job: ResampleJob | undefined;
  readonly which: Resamples;
}

/** What it replies: the values of each router, or what a metric did wrong. */
export type ResampleReply = readonly Float32Array[] | { readonly refused: ErrorData };

/** Rows to walk over, times resamples, in one part: about a tenth of a second. */
const PART_WORK = 5e6;
/** Below this a thread costs more than it saves. */
const WORTH_THREADS = 6e7;
const MOST_THREADS = 8;

const countColumns = ({ routers }: ResampleJob): number =>
  routers.reduce((sum, { confidences }) => sum + confidences.length, 0);

const splitIntoParts = (job: ResampleJob): readonly Part[] => {
  const size = Math.max(1, Math.floor(PART_WORK / Math.max(1, job.shared.n * countColumns(job))));
  return Array.from({ length: Math.ceil(job.resamples / size) }, (_, i) => ({
    job,
    which: { seed: job.seed, from: i * size, to: Math.min(job.resamples, (i + 1) * size) },
  }));
};

/**
 * For each job, for each of its routers, values[resample · metrics]: the same whatever the number
 * of threads. Threads load the metrics anew, from their files.
 */
export async function resample(
  metrics: readonly ProjectMetric[],
  jobs: readonly ResampleJob[],
  { signal, advance, threads = Math.min(availableParallelism(), MOST_THREADS) }: ResampleOptions,
): Promise<readonly (readonly Float32Array[])[]> {
  const width = metrics.length;
  const results = jobs.map(({ routers, resamples }) =>
    routers.map(() => new Float32Array(resamples * width)),
  );
  const waiting = jobs.flatMap(splitIntoParts);
  const keep = ({ job, which: { from, to } }: Part, values: readonly Float32Array[]): void => {
    const jobResults = results[jobs.indexOf(job)] ?? [];
    values.forEach((part, router) => jobResults[router]?.set(part, from * width));
    advance(to - from);
  };
  const work = jobs.reduce((sum, job) => sum + job.resamples * job.shared.n * countColumns(job), 0);
  if (threads < 2 || waiting.length < 2 || work < WORTH_THREADS) {
    let ready: { readonly job: ResampleJob; readonly set: Bootstrap } | undefined;
    for (const part of waiting) {
      await new Promise(setImmediate); // so that an interruption is heard and progress is drawn
      signal.throwIfAborted();
      const { job, which } = part;
      if (ready?.job !== job)
        ready = { job, set: new Bootstrap(metrics, job.shared, job.routers, job.settings) };
      keep(part, ready.set.resample(which));
    }
    return results;
  }
  const ends = await Promise.allSettled(
    Array.from({ length: Math.min(threads, waiting.length) }, async () => {
      const worker = new Worker(new URL('./resample-worker.js', import.meta.url), {
        workerData: metrics.map(({ source }) => source),
      });
      let known: ResampleJob | undefined;
      try {
        for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
          signal.throwIfAborted();
          const { job, which } = part;
          keep(
            part,
            await requestResamples(worker, { job: job === known ? undefined : job, which }),
          );
          known = job;
        }
      } finally {
        await worker.terminate();
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}

const requestResamples = (
  worker: Worker,
  request: ResampleRequest,
): Promise<readonly Float32Array[]> =>
  new Promise((resolve, reject) => {
    const settle = (then: () => void): void => {
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      then();
    };
    const onMessage = (reply: ResampleReply): void =>
      settle(() => ('refused' in reply ? reject(new HarnessError(reply.refused)) : resolve(reply)));
    const onError = (error: Error): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new Error('the thread that resamples ended')));
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(request);
  });

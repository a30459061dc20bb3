/**
 * Signals and labels of the in-domain training splits → weights of the fitted routers, one fit a
 * seed.
 */
import { availableParallelism } from 'node:os';
import { HarnessError, HarnessErrors, getErrorMessage } from '../../core/errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { Fitter } from './fit.js';
import { FitThread } from './fit-thread.js';
import {
  dropCheckpoint,
  exists,
  publishedWeights,
  publishWeights,
  getWeightsFile,
} from './weights.js';
import { PipelineError } from '../errors.js';

/**
 * What fitting yields: the routers that failed, what computed the fits of this call (such as
 * `kernel`, `tensorflow wasm`), and the threads that fits were shared out among.
 */
export interface Trained {
  readonly failures: readonly HarnessError[];
  readonly trainers: readonly string[];
  /** Names of the routers that could not be fitted. */
  readonly failed: readonly string[];
  readonly threads: number;
}

interface Job {
  readonly router: PlannedRouter;
  readonly seed: number;
}

/**
 * Fits are shared out among threads once they have taken this long: opening the project in a thread
 * takes about a second itself.
 */
const WORTH_THREADS_MS = 2000;
/** Each thread may hold its own rows in memory. */
const MOST_THREADS = 4;

/**
 * Fits what is not fitted yet, on all cores where there is much to do. A router that fails does not
 * touch the others; its error is returned.
 */
export async function train(context: RunContext, runFolder: string): Promise<Trained> {
  const { signal, observer, plan, reopening } = context;
  const failures = new Map<string, readonly HarnessError[]>();
  const trainers = new Set<string>();
  const fitter = new Fitter(context);

  const waiting: Job[] = [];
  for (const router of plan.routers.filter(({ fitted }) => fitted)) {
    for (const seed of plan.project.config.protocol.trainingSeeds) {
      if (await exists(getWeightsFile(context, router, seed).file))
        await publish(context, runFolder, router, seed);
      else waiting.push({ router, seed });
    }
  }
  const next = (): Job | undefined => {
    signal.throwIfAborted();
    let job = waiting.shift();
    while (job !== undefined && failures.has(job.router.name)) job = waiting.shift();
    return job;
  };
  const settle = async (
    { router, seed }: Job,
    fit: () => Promise<string | null>,
  ): Promise<void> => {
    try {
      const trainer = await fit();
      if (trainer !== null) trainers.add(trainer);
      await publish(context, runFolder, router, seed);
    } catch (cause) {
      if (signal.aborted) throw cause;
      const errors =
        cause instanceof HarnessErrors
          ? cause.errors
          : [
              cause instanceof HarnessError
                ? cause
                : new PipelineError(
                    'routerFailed',
                    { router: router.name, problem: getErrorMessage(cause) },
                    { cause },
                  ),
            ];
      if (!failures.has(router.name)) failures.set(router.name, errors);
    }
  };

  const started = performance.now();
  let warned = false;
  while (
    waiting.length > 0 &&
    (performance.now() - started < WORTH_THREADS_MS || threadsFor(waiting) < 2)
  ) {
    const job = next();
    if (job === undefined) break;
    await settle(job, async () => {
      const dropped = warned ? 0 : await fitter.dropped();
      if (dropped > 0) observer.warn(`${dropped} fit rows have no grade and are left out`);
      warned = true;
      return await fitter.fit(job.router, job.seed, availableParallelism());
    });
  }
  const threads = threadsFor(waiting);
  const cores = Math.max(1, Math.floor(availableParallelism() / threads));
  const outcomes = await Promise.allSettled(
    Array.from({ length: threads }, async () => {
      let thread: FitThread | undefined;
      try {
        for (let job = next(); job !== undefined; job = next()) {
          const { router, seed } = job;
          const fitThread =
            thread?.alive === true ? thread : new FitThread(reopening, observer, signal);
          thread = fitThread;
          await settle(job, async () => await fitThread.fit({ router: router.name, seed, cores }));
        }
      } finally {
        await thread?.close();
      }
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return {
    failed: [...failures.keys()],
    failures: [...failures.values()].flat(),
    trainers: [...trainers].sort(),
    threads,
  };
}

/** How many threads the waiting fits are shared out among. */
const threadsFor = (waiting: readonly Job[]): number =>
  Math.min(availableParallelism(), MOST_THREADS, waiting.length);

/** The run gets its copy of finished weights. */
async function publish(
  context: RunContext,
  runFolder: string,
  router: PlannedRouter,
  seed: number,
): Promise<void> {
  const weightsFile = getWeightsFile(context, router, seed);
  // also where a killed process had written the weights but not come to this
  await dropCheckpoint(weightsFile);
  await publishWeights(weightsFile, publishedWeights(runFolder, router.name, seed));
}

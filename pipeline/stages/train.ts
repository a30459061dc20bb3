/**
 * Signals and labels of the in-domain training splits → weights of the fitted routers, one fit a
 * seed.
 */
import { availableParallelism } from 'node:os';
import type { HarnessError } from '../../core/errors.js';
import type { FailedRouter, PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { keepPrinted } from './close-router.js';
import { Fitter } from './fit.js';
import { FitThread } from './fit-thread.js';
import { toRouterErrors } from './router-failure.js';
import { requireLabels, type Prepared } from './prepared.js';
import {
  dropCheckpoint,
  exists,
  nameWeights,
  publishWeights,
  type FittedWeights,
  type WeightsFile,
} from './weights.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import { countText } from '../../analysis/util/count-text.js';

/**
 * What fitting yields: handles of the weights, the routers that failed, what computed the fits of
 * this call (such as `kernel`), and the number of threads that fits were shared out among.
 */
export interface Trained {
  readonly weights: FittedWeights;
  readonly failed: readonly FailedRouter[];
  readonly trainers: readonly string[];
  readonly threads: number;
}

/** A fit that is to be done. */
export interface FitJob {
  readonly router: PlannedRouter;
  readonly weightsFile: WeightsFile;
}

/**
 * Fits are shared out among threads once they have taken this long: opening the project in a thread
 * takes about a second itself.
 */
const WORTH_THREADS_MS = 2000;
/** Each thread may hold its own rows in memory. */
const MOST_THREADS = 4;

/** Fits of one router with the same options: where one fails, the others are not tried. */
const getFitKey = ({ router }: FitJob): string => `${router.name} ${canonicalJson(router.chosen)}`;

/** The fits that are still to be done, and what came of those that were. */
class FitQueue {
  readonly #failures = new Map<string, readonly HarnessError[]>();
  readonly #trainers = new Set<string>();
  readonly #waiting: FitJob[];

  constructor(
    private readonly context: RunContext,
    jobs: readonly FitJob[],
    private readonly done: (job: FitJob) => Promise<void>,
  ) {
    this.#waiting = [...jobs];
  }

  /** By {@link getFitKey}. */
  get failures(): ReadonlyMap<string, readonly HarnessError[]> {
    return this.#failures;
  }

  get trainers(): readonly string[] {
    return [...this.#trainers].sort();
  }

  /** How many threads the waiting fits are shared out among. */
  get threads(): number {
    return Math.min(availableParallelism(), MOST_THREADS, this.#waiting.length);
  }

  /** Takes the next fit of a router that has not failed. */
  next(): FitJob | undefined {
    this.context.signal.throwIfAborted();
    let job = this.#waiting.shift();
    while (job !== undefined && this.#failures.has(getFitKey(job))) job = this.#waiting.shift();
    return job;
  }

  /** Fits, and keeps the error where that fails. @throws the reason of the signal when stopped */
  async settle(job: FitJob, fit: () => Promise<string | null>): Promise<void> {
    const key = getFitKey(job);
    try {
      const trainer = await fit();
      if (trainer !== null) this.#trainers.add(trainer);
      await this.done(job);
    } catch (cause) {
      const errors = toRouterErrors(job.router.name, cause);
      if (this.context.signal.aborted || errors.some(({ stopsRun }) => stopsRun)) throw cause;
      if (!this.#failures.has(key)) this.#failures.set(key, errors);
    }
  }
}

/** What came of some fits. `failure`: why that of a router with its options failed. */
export interface Fits {
  readonly failure: (job: FitJob) => readonly HarnessError[] | undefined;
  readonly trainers: readonly string[];
  readonly threads: number;
}

/**
 * Does fits on all cores, where there is much to do. One that fails does not affect the others.
 * `done` is called after each that does not fail.
 * @throws StorageError notPrepared where the rows to fit on have no grades
 */
export async function fitAll(
  context: RunContext,
  prepared: Prepared,
  jobs: readonly FitJob[],
  done: (job: FitJob) => Promise<void>,
): Promise<Fits> {
  if (jobs.length > 0) await requireLabels(prepared);
  const queue = new FitQueue(context, jobs, done);
  await fitHere(context, prepared, queue);
  const { threads } = queue;
  await fitInThreads(context, queue, threads);
  return {
    failure: (job) => queue.failures.get(getFitKey(job)),
    trainers: queue.trainers,
    threads,
  };
}

/**
 * Fits what is not fitted yet. A router that fails does not affect the others; its error is
 * returned.
 * @throws StorageError notPrepared where the rows to fit on have no grades
 */
export async function train(
  context: RunContext,
  prepared: Prepared,
  runFolder: string,
): Promise<Trained> {
  const weights = nameWeights(context, prepared);
  const waiting: FitJob[] = [];
  for (const router of context.plan.routers)
    for (const weightsFile of weights.get(router.name) ?? []) {
      if (await exists(weightsFile.file)) await publish(runFolder, router, weightsFile);
      else waiting.push({ router, weightsFile });
    }
  const fits = await fitAll(context, prepared, waiting, async ({ router, weightsFile }) => {
    await publish(runFolder, router, weightsFile);
  });
  const failed = new Map(
    waiting.flatMap((job) => {
      const errors = fits.failure(job);
      return errors === undefined ? [] : [[job.router.name, errors]];
    }),
  );
  return {
    weights,
    failed: [...failed].map(([router, errors]) => ({ router, errors })),
    trainers: fits.trainers,
    threads: fits.threads,
  };
}

/** Fits in this thread until it is worth the time to start others. */
async function fitHere(context: RunContext, prepared: Prepared, queue: FitQueue): Promise<void> {
  const fitter = new Fitter(context, prepared);
  const started = performance.now();
  let warned = false;
  while (
    queue.threads > 0 &&
    (performance.now() - started < WORTH_THREADS_MS || queue.threads < 2)
  ) {
    const job = queue.next();
    if (job === undefined) break;
    await queue.settle(job, async () => {
      const dropped = warned ? 0 : await fitter.dropped();
      if (dropped > 0)
        context.observer.warn(`${countText(dropped, 'fit row')} without a grade left out`);
      warned = true;
      return await fitter.fit(job.router, job.weightsFile, availableParallelism());
    });
  }
}

/** Shares the fits out among threads. All of them have ended before an error is thrown. */
async function fitInThreads(context: RunContext, queue: FitQueue, threads: number): Promise<void> {
  const { reopening, observer, signal } = context;
  const keep = (router: string, text: string): void => keepPrinted(context, router, text);
  const cores = Math.max(1, Math.floor(availableParallelism() / threads));
  const outcomes = await Promise.allSettled(
    Array.from({ length: threads }, async () => {
      let thread: FitThread | undefined;
      try {
        for (let job = queue.next(); job !== undefined; job = queue.next()) {
          const { router, weightsFile } = job;
          const fitThread =
            thread?.alive === true ? thread : new FitThread(reopening, observer, signal, keep);
          thread = fitThread;
          const order = {
            router: router.name,
            chosen: router.chosen,
            seed: weightsFile.seed,
            cores,
          };
          await queue.settle(job, async () => await fitThread.fit(order));
        }
      } finally {
        await thread?.close();
      }
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Copies finished weights into the folder of the run. */
async function publish(
  runFolder: string,
  router: PlannedRouter,
  weightsFile: WeightsFile,
): Promise<void> {
  // also where a process was killed between writing the weights and this
  await dropCheckpoint(weightsFile);
  await publishWeights(runFolder, router, weightsFile);
}

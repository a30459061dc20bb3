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

interface Job {
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

/** The fits that are still to be done, and what came of those that were. */
class FitQueue {
  readonly #failures = new Map<string, readonly HarnessError[]>();
  readonly #trainers = new Set<string>();

  constructor(
    private readonly context: RunContext,
    private readonly runFolder: string,
    private readonly waiting: Job[],
  ) {}

  get failed(): readonly FailedRouter[] {
    return [...this.#failures].map(([router, errors]) => ({ router, errors }));
  }

  get trainers(): readonly string[] {
    return [...this.#trainers].sort();
  }

  /** How many threads the waiting fits are shared out among. */
  get threads(): number {
    return Math.min(availableParallelism(), MOST_THREADS, this.waiting.length);
  }

  /** Takes the next fit of a router that has not failed. */
  next(): Job | undefined {
    this.context.signal.throwIfAborted();
    let job = this.waiting.shift();
    while (job !== undefined && this.#failures.has(job.router.name)) job = this.waiting.shift();
    return job;
  }

  /** Fits, and keeps the error where that fails. @throws the reason of the signal when stopped */
  async settle({ router, weightsFile }: Job, fit: () => Promise<string | null>): Promise<void> {
    try {
      const trainer = await fit();
      if (trainer !== null) this.#trainers.add(trainer);
      await publish(this.runFolder, router, weightsFile);
    } catch (cause) {
      const errors = toRouterErrors(router.name, cause);
      if (this.context.signal.aborted || errors.some(({ stopsRun }) => stopsRun)) throw cause;
      if (!this.#failures.has(router.name)) this.#failures.set(router.name, errors);
    }
  }
}

/**
 * Fits what is not fitted yet, on all cores where there is much to do. A router that fails does not
 * affect the others; its error is returned.
 * @throws StorageError notPrepared where the rows to fit on have no grades
 */
export async function train(
  context: RunContext,
  prepared: Prepared,
  runFolder: string,
): Promise<Trained> {
  const weights = nameWeights(context, prepared);
  const waiting: Job[] = [];
  for (const router of context.plan.routers)
    for (const weightsFile of weights.get(router.name) ?? []) {
      if (await exists(weightsFile.file)) await publish(runFolder, router, weightsFile);
      else waiting.push({ router, weightsFile });
    }
  if (waiting.length > 0) await requireLabels(prepared);
  const queue = new FitQueue(context, runFolder, waiting);
  await fitHere(context, prepared, queue);
  const { threads } = queue;
  await fitInThreads(context, queue, threads);
  return { weights, failed: queue.failed, trainers: queue.trainers, threads };
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
          const order = { router: router.name, seed: weightsFile.seed, cores };
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
  await publishWeights(runFolder, router.name, weightsFile);
}

/** Signals and labels of the in-domain training splits → weights of the fitted routers, one fit a seed. */
import type { TensorEngine } from '../contracts.js';
import { HarnessError, HarnessErrors, messageOf } from '../errors.js';
import type { PlannedRouter } from '../plan.js';
import type { RunContext } from '../run-context.js';
import { fitData, fitRows, fitTexts, type FitRows } from './fit-data.js';
import { checkpointAt, dropCheckpoint, exists, publishedWeights, publishWeights, weightsOf, writeWeights } from './weights.js';

/** Fits what is not fitted yet. A router that fails does not touch the others; its error is returned. */
export async function train(context: RunContext, runFolder: string, engine: () => Promise<TensorEngine>): Promise<readonly HarnessError[]> {
  const { trainingSeeds } = context.plan.project.config.protocol;
  const failures: HarnessError[] = [];
  let shared: { readonly rows: FitRows; readonly texts: readonly (readonly string[])[] } | undefined;
  for (const router of context.plan.routers.filter(({ fitted }) => fitted)) {
    for (const seed of trainingSeeds) {
      context.signal.throwIfAborted();
      const at = weightsOf(context, router, seed);
      try {
        if (!(await exists(at.file))) {
          if (shared === undefined) {
            const rows = await fitRows(context);
            if (rows.dropped > 0) context.observer.warn(`${rows.dropped} fit rows have no grade and are left out`);
            shared = { rows, texts: await fitTexts(rows) };
          }
          await fitOne(context, router, seed, shared, engine, at);
        }
        await dropCheckpoint(at); // also where a killed process had written the weights but not come to this
        await publishWeights(at, publishedWeights(runFolder, router.name, seed));
      } catch (cause) {
        if (context.signal.aborted) throw cause;
        if (cause instanceof HarnessErrors) failures.push(...cause.errors);
        else failures.push(cause instanceof HarnessError ? cause : new HarnessError('RXB6004', { router: router.name, problem: messageOf(cause) }, { cause }));
        break;
      }
    }
  }
  return failures;
}

async function fitOne(
  context: RunContext,
  router: PlannedRouter,
  seed: number,
  { rows, texts }: { readonly rows: FitRows; readonly texts: readonly (readonly string[])[] },
  engine: () => Promise<TensorEngine>,
  at: ReturnType<typeof weightsOf>,
): Promise<void> {
  const instance = router.make();
  if (instance.fit === undefined) return;
  const train = await fitData(context, router.needs, rows, 'train', texts);
  const validation = await fitData(context, router.needs, rows, 'validation', texts);
  const without = train.withoutSignals + validation.withoutSignals;
  if (without > 0) context.observer.warn(`${router.name}: ${without} fit rows have no signals and are left out`);
  if (train.data.rows === 0 || validation.data.rows === 0) {
    throw new HarnessError('RXB6005', { router: router.name, rows: train.data.rows + validation.data.rows, problem: 'the cut leaves nothing to fit or nothing to validate on' });
  }
  const task = context.observer.task(`fit ${router.name} seed ${seed}`, 0, 0);
  let done = 0;
  try {
    const weights = await instance.fit(train.data, validation.data, {
      seed,
      engine,
      signal: context.signal,
      checkpoint: checkpointAt(at),
      progress: ({ epoch, epochs, validationLoss }) => {
        task.advance(epoch - done);
        done = epoch;
        task.note(`epoch ${epoch}/${epochs}${validationLoss === undefined ? '' : `, validation loss ${validationLoss.toFixed(4)}`}`);
      },
    });
    await writeWeights(context, router, at, weights);
  } finally {
    task.end();
  }
}

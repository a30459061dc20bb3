import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { Weights } from '../../core/contracts.js';
import type { RouterInstance } from '../../core/router-instance.js';
import { PipelineError } from '../errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { closeRouter } from './close-router.js';
import type { ReadyRouter } from './score.js';
import { readWeights, type FittedWeights, type SeedWeights } from './weights.js';

/** A new instance with these weights. */
async function restore(
  context: RunContext,
  router: PlannedRouter,
  weights: Weights,
): Promise<RouterInstance> {
  const instance = router.make();
  try {
    await instance.restore?.(weights);
  } catch (cause) {
    await closeRouter(context, router.name, instance);
    throw cause instanceof HarnessError
      ? cause
      : new PipelineError(
          'routerFailed',
          { router: router.name, problem: getErrorMessage(cause) },
          { cause },
        );
  }
  return instance;
}

/**
 * A router as it is scored: once where it is not fitted, else once for each training seed.
 * @throws HarnessError where weights are missing or do not belong to it
 */
export async function readyRouters(
  context: RunContext,
  router: PlannedRouter,
  weights: FittedWeights,
): Promise<readonly ReadyRouter[]> {
  const unfitted: ReadyRouter = {
    planned: router,
    seed: null,
    weightsHash: null,
    fit: null,
    instance: () => Promise.resolve(router.make()),
  };
  if (!router.fitted) return [unfitted];
  const ready = async ({ seed, file }: SeedWeights): Promise<ReadyRouter> => {
    const { weights: stored, hash } = await readWeights(context, router, file);
    return {
      planned: router,
      seed,
      weightsHash: hash,
      fit: stored.meta,
      instance: async () => await restore(context, router, stored),
    };
  };
  return await Promise.all((weights.get(router.name) ?? []).map(ready));
}

import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { Weights } from '../../core/contracts.js';
import type { RouterInstance } from '../../core/router-instance.js';
import { PipelineError } from '../errors.js';
import type { PlannedRouter } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import { closeRouter } from './close-router.js';
import type { QuerySet } from '../query-set.js';
import { refuseTestRows } from './fitted-rows.js';
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

/** Why rows scored with such weights are unverified; null where they are not. */
function judge(
  { unverifiedReason }: PlannedRouter,
  borrowed: boolean,
  fitted: ReadonlySet<string> | null,
  unverified: string | null,
): string | null {
  if (unverifiedReason !== null || !borrowed) return unverifiedReason;
  if (unverified !== null) return `when its weights were fitted, ${unverified}`;
  return fitted === null ? 'its weights do not tell which rows they were fitted on' : null;
}

/** Weights to score with. `borrowed`: they may come without the rows they were fitted on. */
export interface ScoringWeights {
  readonly weights: FittedWeights;
  readonly borrowed: boolean;
}

/**
 * A router as it is scored: once where it is not fitted, else once for each training seed.
 * @throws HarnessError where weights are missing or do not belong to it
 */
export async function readyRouters(
  context: RunContext,
  router: PlannedRouter,
  { weights, borrowed }: ScoringWeights,
  tests: readonly QuerySet[],
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
    const { weights: stored, hash, fitted, unverified } = await readWeights(context, router, file);
    if (borrowed && fitted !== null) await refuseTestRows(context, router, fitted, tests);
    return {
      planned: { ...router, unverifiedReason: judge(router, borrowed, fitted, unverified) },
      seed,
      weightsHash: hash,
      fit: stored.meta,
      instance: async () => await restore(context, router, stored),
    };
  };
  return await Promise.all((weights.get(router.name) ?? []).map(ready));
}

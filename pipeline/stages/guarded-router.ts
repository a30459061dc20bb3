/** A third-party router in this process: what it leaves undone costs its own row. */
import process from 'node:process';
import type { RouterInstance } from '../../core/router-instance.js';
import type { Router } from '../../core/contracts.js';
import { PipelineError } from '../errors.js';

/** How long such a router may take without a sign of life. */
export interface GuardLimits {
  readonly scoreSeconds: number;
  readonly fitSeconds: number;
}

/**
 * Waits for a call of a router. It fails where the router gives no sign of life, or where something
 * that it started throws outside of the call. A loop that never ends cannot be stopped here.
 */
async function guardCall<T>(
  router: string,
  what: string,
  option: keyof GuardLimits,
  seconds: number,
  call: (alive: () => void) => T | Promise<T>,
): Promise<T> {
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (fail = reject));
  failed.catch(() => undefined); // the call may be over
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    const details = { router, seconds, what, option: `isolation.${option}` };
    timer = setTimeout(() => fail(new PipelineError('routerSilent', details)), 1000 * seconds);
  };
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  alive();
  try {
    return await Promise.race([call(alive), failed]);
  } finally {
    clearTimeout(timer);
    process.off('uncaughtException', fail).off('unhandledRejection', fail);
  }
}

/** The router with its calls guarded. */
export function guardRouter(
  router: string,
  instance: Router<object>,
  { scoreSeconds, fitSeconds }: GuardLimits,
): RouterInstance {
  const { fit, restore, score, scoreBatch } = instance;
  return {
    ...(score === undefined ? {} : { score: (input) => score.call(instance, input) }),
    ...(scoreBatch === undefined
      ? {}
      : {
          scoreBatch: async (inputs) =>
            await guardCall(router, 'scoring', 'scoreSeconds', scoreSeconds, () =>
              scoreBatch.call(instance, inputs),
            ),
        }),
    ...(restore === undefined
      ? {}
      : {
          restore: async (weights) =>
            await guardCall(router, 'restoring', 'scoreSeconds', scoreSeconds, () =>
              restore.call(instance, weights),
            ),
        }),
    ...(fit === undefined
      ? {}
      : {
          fit: async (train, validation, context) =>
            await guardCall(router, 'fitting', 'fitSeconds', fitSeconds, (alive) =>
              fit.call(instance, train, validation, {
                ...context,
                progress: (step) => {
                  alive();
                  context.progress(step);
                },
              }),
            ),
        }),
  };
}

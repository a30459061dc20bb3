/** Two runs at once do not pay twice: one of them waits, and finds the replies of the other. */
import { lockFile, type AnswerCache } from '../../storage/cache/answer-cache.js';
import { takeLock, type Lock } from '../../storage/lock.js';
import type { Observer } from '../../storage/observer.js';
import type { PlannedModel } from '../planning/planned.js';
import type { Claim } from '../run-context.js';

/**
 * A claim on all models of a plan that cost something. Their locks are always taken in one order,
 * so that no two processes wait for each other.
 */
export function openClaim(
  cache: AnswerCache,
  models: readonly PlannedModel[],
  observer: Observer,
  signal: AbortSignal,
): Claim {
  const files = models
    .filter(({ info }) => info.remote !== undefined)
    .map(({ info }) => lockFile(cache.root, info.fingerprint));
  let taken: Promise<readonly Lock[]> | undefined;
  const take = async (): Promise<readonly Lock[]> => {
    const locks: Lock[] = [];
    for (const file of [...new Set(files)].sort())
      locks.push(
        await takeLock(file, signal, ({ pid, host, since }) =>
          observer.warn(
            `process ${pid} on ${host} has been asking the same models since ${since}; ` +
              'waiting, because its replies need not be paid for twice',
          ),
        ),
      );
    await cache.refresh();
    return locks;
  };
  return {
    take: async () => (await (taken ??= take())).some(({ waited }) => waited),
    release: async () => {
      const locks = await taken?.catch(() => []);
      taken = undefined;
      for (const lock of locks ?? []) await lock.release();
    },
  };
}

import { join, resolve } from 'node:path';
import { AnswerCache } from '../../storage/cache/answer-cache.js';
import type { Project } from '../project.js';
import type { Spending } from '../run-context.js';
import type { Observer } from '../../storage/observer.js';
import type { PlannedModel } from '../planning/planned.js';
import { countText } from '../../analysis/util/count-text.js';
import { openClaim } from './claim.js';
import { Ledger, type Limits } from './ledger.js';

/** Folder of the answer cache. */
export const cacheFolder = ({ folder, config }: Pick<Project, 'folder' | 'config'>): string =>
  resolve(folder, config.cache ?? join(config.results, 'cache'));

/** Accounts and cache for one call of the harness; the cache must be closed. */
export function openSpending(
  project: Pick<Project, 'folder' | 'config'>,
  models: readonly PlannedModel[],
  { observer, signal }: { readonly observer: Observer; readonly signal: AbortSignal },
  options: Limits & {
    readonly offline?: boolean | undefined;
    readonly retryErrors?: boolean | undefined;
  } = {},
): Spending {
  const cache = new AnswerCache(cacheFolder(project), ({ file, lines, first }) =>
    observer.warn(
      `${file}: ${countText(lines, 'damaged line', 'damaged lines')} (the first is line ${first}); ` +
        'the calls are made again',
    ),
  );
  return {
    ledger: new Ledger(project.config.prices, options),
    cache,
    inFlight: new Map(),
    claim: openClaim(cache, models, observer, signal),
    offline: options.offline === true,
    retryErrors: options.retryErrors === true,
  };
}

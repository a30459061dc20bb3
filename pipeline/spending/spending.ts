import { join, resolve } from 'node:path';
import { AnswerCache } from '../../storage/cache/answer-cache.js';
import type { Project } from '../project.js';
import type { Spending } from '../run-context.js';
import { Ledger, type Limits } from './ledger.js';

/** Folder of the answer cache. */
export const cacheFolder = ({ folder, config }: Pick<Project, 'folder' | 'config'>): string =>
  resolve(folder, config.cache ?? join(config.results, 'cache'));

/** Accounts and cache for one call of the harness; the cache must be closed. */
export const openSpending = (
  project: Pick<Project, 'folder' | 'config'>,
  options: Limits & {
    readonly offline?: boolean | undefined;
    readonly retryErrors?: boolean | undefined;
  } = {},
): Spending => ({
  ledger: new Ledger(project.config.prices, options),
  cache: new AnswerCache(cacheFolder(project)),
  inFlight: new Map(),
  offline: options.offline === true,
  retryErrors: options.retryErrors === true,
});

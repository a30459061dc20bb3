import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { SILENT, type Observer } from '../storage/observer.js';
import type { Plan, Selection } from './planning/planned.js';
import type { Project } from './project.js';
import type { RunContext } from './run-context.js';
import type { Limits } from './spending/ledger.js';
import { openSpending } from './spending/spending.js';

/** How a call works on its plan. */
export interface ContextOptions extends Limits {
  /** What the plan was made for; left out = all that the config lists. */
  readonly selection?: Selection | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Left out = the project's. */
  readonly observer?: Observer | undefined;
  /** Ask only the answer cache. */
  readonly offline?: boolean | undefined;
  /** Ask again for rows that failed in an earlier call. */
  readonly retryErrors?: boolean | undefined;
}

/** What the stages of one call share. It must be closed. */
export function openContext(
  project: Project,
  plan: Plan,
  options: ContextOptions = {},
): RunContext {
  const signal = options.signal ?? new AbortController().signal;
  setMaxListeners(0, signal); // every prompt in flight listens to it
  const observer = options.observer ?? project.observer ?? SILENT;
  return {
    plan,
    results: resolve(project.folder, project.config.results),
    observer,
    signal,
    calls: new Map(),
    latency: new Map(),
    printed: new Map(),
    retried: new Set(),
    spend: openSpending(project, [...plan.models.values()], { observer, signal }, options),
    reopening: { opening: project.opening, selection: options.selection ?? {} },
  };
}

/** Frees the models at the end of a call and writes what is left of the answer cache. */
export async function closeContext({ plan, spend }: RunContext): Promise<void> {
  await closeModels(plan);
  await spend.cache.close();
  await spend.claim.release();
}

/** Frees the models of a plan. */
export async function closeModels({ models }: Pick<Plan, 'models'>): Promise<void> {
  await Promise.all([...models.values()].map(({ model }) => model.close?.()));
}

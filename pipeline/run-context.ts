import type { AnswerCache } from '../storage/cache/answer-cache.js';
import type { ModelContext, Outcome } from '../core/contracts.js';
import type { Observer } from '../storage/observer.js';
import type { Plan, PlannedModel, Selection } from './planning/planned.js';
import type { ProjectOpening } from './project.js';
import type { Ledger } from './spending/ledger.js';

/** What a thread needs to make the same plan. */
export interface Reopening {
  readonly opening: ProjectOpening;
  readonly selection: Selection;
}

/** What the stages share during one call. */
export interface RunContext {
  readonly plan: Plan;
  /** Absolute folder of results. */
  readonly results: string;
  readonly observer: Observer;
  readonly signal: AbortSignal;
  /** Requests each model answered in this call. */
  readonly calls: Map<string, number>;
  readonly latency: Map<string, number[]>;
  /** The end of what each router printed in a process of its own. */
  readonly printed: Map<string, string>;
  /** Artifacts whose failed rows were asked for again in this call: once is enough. */
  readonly retried: Set<string>;
  readonly spend: Spending;
  readonly reopening: Reopening;
}

/** The right to ask the models of a plan: no other process with the same cache has it. */
export interface Claim {
  /** Waits for it; true where another process had it, so that what is stored may have changed. */
  readonly take: () => Promise<boolean>;
  readonly release: () => Promise<void>;
}

/** What decides whether and how models that cost something are asked. */
export interface Spending {
  readonly ledger: Ledger;
  readonly cache: AnswerCache;
  /** Calls in flight, by their keys in the cache: an equal one waits for the same reply. */
  readonly inFlight: Map<string, Promise<Outcome<unknown>>>;
  /** Before the first paid call: two processes must not pay for the same reply. */
  readonly claim: Claim;
  /** Only the answer cache is asked. */
  readonly offline: boolean;
  /** Rows that failed in an earlier call are asked again. */
  readonly retryErrors: boolean;
}

/** The model of that name; a plan has every model that its stages ask for. */
export function plannedModel(plan: Plan, name: string): PlannedModel {
  const found = plan.models.get(name);
  if (found === undefined) throw new Error(`the plan lacks model "${name}"`);
  return found;
}

/** A context for a model: counts its calls and passes the stop signal on. */
export function modelContext(
  context: RunContext,
  name: string,
  advance: (finished: number) => void,
): ModelContext {
  return {
    signal: context.signal,
    advance: (finished) => {
      context.calls.set(name, (context.calls.get(name) ?? 0) + finished);
      advance(finished);
    },
  };
}

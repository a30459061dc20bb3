import type { ModelContext } from './contracts.js';
import type { Observer } from './observer.js';
import type { Plan, Selection } from './plan.js';
import type { ProjectOpening } from './project.js';

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
  readonly reopening: Reopening;
}

/** A context for a model: counts its calls and passes the stop signal on. */
export function modelContext(context: RunContext, name: string, advance: (finished: number) => void): ModelContext {
  return {
    signal: context.signal,
    advance: (finished) => {
      context.calls.set(name, (context.calls.get(name) ?? 0) + finished);
      advance(finished);
    },
  };
}

import type { ModelContext } from './contracts.js';
import type { Observer } from './observer.js';
import type { Plan } from './plan.js';

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

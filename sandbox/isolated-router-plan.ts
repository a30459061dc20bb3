import type { SignalRequest } from '../core/signals/requests.js';
import type { Program } from './plugin-program.js';
import type { IsolationSettings } from './settings.js';

/** What is needed to start it. `start` returns a program in which the router is open. */
export interface IsolatedRouterPlan {
  /** The router and its package, for messages. */
  readonly title: string;
  readonly package: string;
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
  readonly settings: IsolationSettings;
  readonly start: () => Promise<Program>;
}

import type { Router } from './contracts.js';
import { HarnessError } from './errors.js';
import type { RouterDefinition } from './plugin.js';
import type { SignalRequest } from './signals/requests.js';

/** What a router asks for under some options, and whether it learns. */
export interface RouterShape {
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
}

/**
 * Checks that an instance has the members that the contract of routers asks for. @throws RXB2106
 */
export function getRouterShape(
  definition: RouterDefinition,
  options: unknown,
  instance: Router<object>,
): RouterShape {
  const broken = (problem: string): HarnessError =>
    new HarnessError('RXB2106', { kind: 'router', name: definition.name, problem });
  if ((instance.score === undefined) === (instance.scoreBatch === undefined))
    throw broken('it must have `score` or `scoreBatch`, one of the two');
  if ((instance.fit === undefined) !== (instance.restore === undefined))
    throw broken('`fit` and `restore` go together');
  const needs =
    typeof definition.needs === 'function' ? definition.needs(options as never) : definition.needs;
  if (new Set(needs.map((request) => request.key)).size !== needs.length)
    throw broken('two of its requests have one name; use `as`');
  return { needs, fitted: instance.fit !== undefined };
}

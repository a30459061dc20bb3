import type { Router } from './contracts.js';
import { HarnessError } from './errors.js';
import type { RouterDefinition } from './plugin.js';
import type { SignalRequest } from './signals/requests.js';
import { SIGNALS } from './signals/table.js';

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
    new HarnessError('brokenPluginContract', { kind: 'router', name: definition.name, problem });
  if ((instance.score === undefined) === (instance.scoreBatch === undefined))
    throw broken('it must have exactly one of `score` and `scoreBatch`');
  if ((instance.fit === undefined) !== (instance.restore === undefined))
    throw broken('it must have both `fit` and `restore`, or neither');
  const needs =
    typeof definition.needs === 'function' ? definition.needs(options as never) : definition.needs;
  const unknown = needs.find(({ kind }) => !SIGNALS.some((signal) => signal.kind === kind));
  if (unknown !== undefined)
    throw broken(`it asks for a signal of the unknown kind "${unknown.kind}"`);
  if (new Set(needs.map((request) => request.key)).size !== needs.length)
    throw broken('two of its signal requests have the same name; rename one with `as`');
  return { needs, fitted: instance.fit !== undefined };
}

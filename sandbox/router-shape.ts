import type { Router } from '../core/contracts.js';
import type { RouterDefinition } from '../core/definitions.js';
import { HarnessError } from '../core/errors.js';
import type { SignalRequest } from '../core/signals/requests.js';
import { SIGNALS } from '../core/signals/table.js';

/** The signals that a router needs under some options, and whether it learns. */
export interface RouterShape {
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
}

/** Checks that a router has the members of its contract, in any process. @throws RXB2106 */
export function getRouterShape(
  definition: RouterDefinition,
  options: unknown,
  instance: Router<object>,
): RouterShape {
  const { name, needs } = definition;
  const broken = (problem: string): HarnessError =>
    new HarnessError('brokenPluginContract', { kind: 'router', name, problem });
  if ((instance.score === undefined) === (instance.scoreBatch === undefined))
    throw broken('it must have exactly one of `score` and `scoreBatch`');
  if ((instance.fit === undefined) !== (instance.restore === undefined))
    throw broken('it must have both `fit` and `restore`, or neither');
  const requests = typeof needs === 'function' ? needs(options as never) : needs;
  const unknown = requests.find(({ kind }) => !SIGNALS.some((signal) => signal.kind === kind));
  if (unknown !== undefined)
    throw broken(`it asks for a signal of the unknown kind "${unknown.kind}"`);
  if (new Set(requests.map(({ key }) => key)).size !== requests.length)
    throw broken('two of its signal requests have the same name; rename one with `as`');
  return { needs: requests, fitted: instance.fit !== undefined };
}

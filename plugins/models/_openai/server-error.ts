import type { HarnessError } from '../../../core/index.js';
import type { RequestFailure } from './failure.js';
import { ModelError } from '../_errors.js';

/** The error of a server that does not list its models: wrong key, no credit, or no server. */
export function serverError(model: string, url: string, failure: RequestFailure): HarnessError {
  const { kind, message, options } = failure;
  const details = { model, problem: `${url}: ${message}` };
  const cause = { cause: failure };
  if (kind === 'unauthorised') return new ModelError('apiKeyRejected', details, cause);
  if (kind === 'quota') return new ModelError('quotaExhausted', details, cause);
  return options.status === undefined
    ? new ModelError('serverUnreachable', { model, urls: url, problem: message }, cause)
    : new ModelError('serverFaulty', details, cause);
}

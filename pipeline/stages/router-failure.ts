/** Errors of a router, whatever it threw. */
import { getErrorMessage, getHarnessErrors, type HarnessError } from '../../core/errors.js';
import { PipelineError } from '../errors.js';

/** The errors with a code; anything else is a failure of the router. */
export const toRouterErrors = (router: string, cause: unknown): readonly HarnessError[] =>
  getHarnessErrors(cause) ?? [
    new PipelineError('routerFailed', { router, problem: getErrorMessage(cause) }, { cause }),
  ];

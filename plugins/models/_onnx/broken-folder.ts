import { HarnessError } from '../../../core/index.js';

/** The error for a model folder that cannot be used; `problem` names the file. */
export function brokenFolder(folder: string, problem: string, cause?: unknown): HarnessError {
  return new HarnessError('RXB4001', { folder, problem }, cause === undefined ? {} : { cause });
}

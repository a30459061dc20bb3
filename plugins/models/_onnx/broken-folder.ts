import { HarnessError } from '../../../core/index.js';
import { ModelError } from '../_errors.js';

/** The error for a model folder that cannot be used; `problem` names the file. */
export function brokenFolder(folder: string, problem: string, cause?: unknown): HarnessError {
  return new ModelError(
    'unusableModelFolder',
    { folder, problem },
    cause === undefined ? {} : { cause },
  );
}

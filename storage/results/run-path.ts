import { join } from 'node:path';
import { StorageError } from '../errors.js';

/** Whether a name stays in its folder on every system, and is shown by a terminal as it is. */
export const isFileName = (name: string): boolean =>
  name !== '.' && name !== '..' && /^[^/\\:\p{Cc}]{1,255}$/u.test(name);

/**
 * A file or folder in the folder of a run. Every path made of the name of a router, a dataset, a
 * scorer or a run is made here, so that no name leads out of its folder.
 * @throws RXB5001
 */
export function getRunPath(folder: string, ...names: readonly string[]): string {
  const wrong = names.find((name) => !isFileName(name));
  if (wrong === undefined) return join(folder, ...names);
  const problem = `${JSON.stringify(wrong)} cannot be the name of a file or folder in it`;
  throw new StorageError('damagedArtifact', { file: folder, problem });
}

/** Files of a commit. */
import { execa } from 'execa';
import { StorageError } from '../errors.js';

/**
 * The text of a file (a path relative to `folder`, or from the root of the repository after a
 * leading slash) at a ref; null if that commit has no such file.
 * @throws RXB8003 for an unknown ref
 */
export async function fileAt(folder: string, ref: string, path: string): Promise<string | null> {
  const resolved = await execa('git', ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], {
    cwd: folder,
    reject: false,
  });
  if (resolved.failed)
    throw new StorageError('unknownCommit', {
      ref,
      problem: resolved.stderr.trim() || 'git does not know this commit',
    });
  const shown = await execa(
    'git',
    ['show', `${resolved.stdout.trim()}:${path.startsWith('/') ? path.slice(1) : `./${path}`}`],
    { cwd: folder, reject: false, stripFinalNewline: false, maxBuffer: 2 ** 28 },
  );
  return shown.failed ? null : shown.stdout;
}

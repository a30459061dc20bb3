import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const codeOf = (thrown: unknown): unknown =>
  thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return false; // a link to nothing
    throw cause;
  }
}

/**
 * Makes a folder and those above it. The recursive `mkdir` of Node.js never ends where a folder
 * exists but takes no members, such as /proc. @throws the error of the file system
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' && dirname(path) !== path) {
      await makeFolder(dirname(path));
      await mkdir(path).catch(async (second: unknown) => {
        // another process may have made it meanwhile
        if (!(await isFolder(path))) throw second;
      });
      return;
    }
    if (await isFolder(path)) return;
    throw cause;
  }
}

import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';

const runnable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
};

/** Where a program lies: the path itself where it has a slash, else the first on PATH; null where there is none that may be run. */
export async function findProgram(name: string): Promise<string | null> {
  if (name.includes('/')) return (await runnable(name)) ? name : null;
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await runnable(join(folder, name)))) return join(folder, name);
  }
  return null;
}

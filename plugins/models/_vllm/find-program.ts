import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';
import { ModelError } from '../_errors.js';

const runnable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
};

/**
 * Path of a program: the path itself if it has a slash, else the first on PATH; null if there is no
 * executable one.
 */
export async function findProgram(name: string): Promise<string | null> {
  if (name.includes('/')) return (await runnable(name)) ? name : null;
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && (await runnable(join(folder, name)))) return join(folder, name);
  }
  return null;
}

/**
 * The program of a model's servers.
 * @throws HarnessError RXB4010 if there is none
 */
export async function neededProgram(model: string, command: string): Promise<string> {
  const found = await findProgram(command);
  if (found === null)
    throw new ModelError('serverProgramMissing', {
      model,
      command,
      problem: command.includes('/')
        ? 'the file does not exist or cannot be executed'
        : 'it is not on the PATH',
    });
  return found;
}

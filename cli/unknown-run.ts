import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HarnessError } from '../core/errors.js';
import { suggestion } from '../core/util/closest.js';
import { CliError } from './errors.js';

/** The error for a run that is not in the folder of results, with the nearest one that is. */
export async function unknownRun(results: string, run: string): Promise<HarnessError> {
  const folder = join(results, 'runs');
  const names = await readdir(folder).catch(() => []);
  return new CliError('unknownRun', { run, folder, suggestion: suggestion(run, names) });
}

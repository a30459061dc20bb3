/** Runs the real command line in a separate process. */
import { execa } from 'execa';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TEMPORARY } from '../../storage/atomic.js';

/** The built command. Tests run in the root of the repository. */
export const RXB = resolve('dist/cli/main.js');

/** The outcome of a command. */
export interface Finished {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `rxb` and returns stdout, stderr and the exit code, whatever it is. */
export async function rxb(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [RXB, ...args], {
    cwd,
    reject: false,
    env: { ...env, CI: '1' },
  });
  return { exitCode, stdout, stderr };
}

/** Starts `rxb run`, sends it a signal as soon as `when` returns true, and returns how it ended. */
export async function stopRun(
  cwd: string,
  signal: NodeJS.Signals,
  when: () => boolean | Promise<boolean>,
  env: Readonly<Record<string, string>> = {},
): Promise<Finished & { readonly signal: string | undefined }> {
  const running = execa(process.execPath, [RXB, 'run'], { cwd, reject: false, env });
  while (running.exitCode === null && !(await when())) await wait(5);
  running.kill(signal);
  const { exitCode, stdout, stderr, signal: by } = await running;
  return { exitCode, stdout, stderr, signal: by };
}

/**
 * Files that may differ between two equal runs: the record of the run, and temporary files of a
 * killed process.
 */
export const mayDiffer = (path: string): boolean =>
  path.endsWith('run.json') || path.endsWith(TEMPORARY);

/** A project in `folder` with the embedded pair: three datasets, few rows, fast training. */
export const SMALL_CONFIG = `export default {
  name: 'small',
  models: {
    weak: { use: 'onnx', options: { folder: ${JSON.stringify(resolve('models/tiny/weak'))} } },
    strong: { use: 'onnx', options: { folder: ${JSON.stringify(resolve('models/tiny/strong'))} } },
  },
  datasets: { inDomain: ['tiny-arithmetic', 'tiny-instruct'], outOfDomain: ['tiny-math-hard'] },
  generation: { maxTokens: 24 },
  routers: ['max-logits', 'coe', 'prompt-length', { use: 'probe-mean', options: { epochs: 3 } }],
  protocol: { trainingSeeds: [1, 2], search: 2 },
  limit: 300,
};
`;

/** Every file under a folder, path → bytes as text. */
export async function filesUnder(
  folder: string,
  skip: (path: string) => boolean = () => false,
  at = '',
): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const item of (await readdir(join(folder, at), { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(at, item.name);
    if (skip(path)) continue;
    if (item.isDirectory()) Object.assign(found, await filesUnder(folder, skip, path));
    else found[path] = (await readFile(join(folder, path))).toString('latin1');
  }
  return found;
}

/** Where and with what a run was made: for run.json only. */
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { versions } from 'node:process';
import { execa } from 'execa';
import type { JsonObject } from '../core/util/json.js';

/** The machine, in words. */
export const hostFacts = (): JsonObject => ({
  platform: platform(),
  release: release(),
  arch: arch(),
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
});

/**
 * Commit of the project and whether it has changes; null where there is no git or no repository.
 */
export async function gitState(
  folder: string,
): Promise<{ readonly commit: string; readonly dirty: boolean } | null> {
  const commit = await execa('git', ['rev-parse', 'HEAD'], { cwd: folder, reject: false });
  if (commit.failed) return null;
  const status = await execa('git', ['status', '--porcelain', '--untracked-files=no'], {
    cwd: folder,
    reject: false,
  });
  return { commit: commit.stdout.trim(), dirty: status.stdout.trim() !== '' };
}

/** Version of Node.js that runs this. */
export const nodeVersion = versions.node;

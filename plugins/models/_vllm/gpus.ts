import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { HarnessError } from '../../../core/index.js';
import { findProgram } from './find-program.js';
import { ModelError } from '../_errors.js';

/** Device file of AMD's driver; AMD GPUs are not counted here. */
const AMD = '/dev/kfd';

/**
 * Checks that these GPUs exist.
 * @throws HarnessError RXB4018
 */
export async function checkGpus(
  model: string,
  wanted: readonly (number | string)[],
): Promise<void> {
  const missing = (problem: string): HarnessError =>
    new ModelError('gpuUnavailable', { model, gpus: wanted.join(', '), problem });
  const program = await findProgram('nvidia-smi');
  if (program === null) {
    if (existsSync(AMD)) return;
    throw missing('nvidia-smi is not on the PATH, so there is no NVIDIA driver');
  }
  const { stdout, stderr, exitCode } = await execa(
    program,
    ['--query-gpu=index,uuid', '--format=csv,noheader'],
    { reject: false, timeout: 20_000 },
  );
  if (exitCode !== 0)
    throw missing(`nvidia-smi fails: ${(stderr || stdout).trim().split('\n').at(-1) ?? ''}`);
  const available = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((part) => part.trim()));
  const known = available.flat();
  const lacking = wanted.filter(
    (gpu) => !known.includes(String(gpu)) && !String(gpu).startsWith('MIG-'),
  );
  if (lacking.length > 0)
    throw missing(`nvidia-smi lists ${available.map(([index]) => index).join(', ') || 'none'}`);
}

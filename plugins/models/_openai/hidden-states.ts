import { SafetensorsFile } from 'routerxbench/safetensors';
import { HarnessError, getErrorMessage } from '../../../core/index.js';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RequestFailure } from './failure.js';
import type { HiddenStatesOptions } from './options.js';
import { parseUsage, type Reply } from './reply.js';
import { ModelError } from '../_errors.js';

/** Tensor [tokens, layers, dim] in a file of the server. */
const STATES = 'hidden_states';
const FIRST_LOOK_MS = 2;
const LAST_LOOK_MS = 100;
/** A file that has not changed for this long, and still cannot be read, never will be. */
const SETTLED_MS = 2000;
/** Numbers that are read at once. */
const BLOCK_NUMBERS = 2 ** 22;

/** The requested layers. */
export const getLayers = ({
  depth,
  layers,
}: Pick<HiddenStatesOptions, 'depth' | 'layers'>): readonly number[] =>
  layers ?? Array.from({ length: depth + 1 }, (_, layer) => layer);

/**
 * The path of the hidden states file that a reply names.
 * @throws HarnessError RXB4017 if it names none, RXB4015 if it is outside the folder: nothing there
 * is read or removed.
 */
async function statesFile(
  reply: Reply,
  model: string,
  { folder }: HiddenStatesOptions,
): Promise<string> {
  const path = reply.kv_transfer_params?.hidden_states_path;
  if (typeof path !== 'string' || path === '')
    throw new ModelError('hiddenStatesMismatch', {
      model,
      problem:
        'its replies do not name a file of hidden states (kv_transfer_params.hidden_states_path)',
    });
  // the server creates it with its first file
  const home = await realpath(folder).catch(() => resolve(folder));
  const file = resolve(path);
  const inside = relative(
    home,
    resolve(
      await realpath(dirname(file)).catch(() => dirname(file)),
      file.slice(dirname(file).length + 1),
    ),
  );
  if (!isAbsolute(path) || inside === '' || inside.startsWith('..') || isAbsolute(inside))
    throw new ModelError('hiddenStatesOutsideFolder', { model, path, folder });
  return file;
}

/**
 * Opens a file that the server may still be writing. vLLM holds a lock meanwhile that Node cannot
 * see, but the header gives the length of the complete file.
 */
async function openWhole(
  path: string,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<SafetensorsFile> {
  const end = performance.now() + 1000 * waitSeconds;
  let [seen, since] = ['', performance.now()];
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LAST_LOOK_MS, 2 * wait)) {
    const stat = await lstat(path).catch(() => null);
    let problem = 'the file does not exist';
    if (stat !== null) {
      if (!stat.isFile())
        throw new RequestFailure('rejected', `${path} is not a regular file`, {
          error: 'hiddenStatesUnreadable',
        });
      try {
        return await SafetensorsFile.open(path);
      } catch (error) {
        problem =
          error instanceof HarnessError ? String(error.details['problem']) : getErrorMessage(error);
      }
    }
    const now = performance.now();
    const state = stat === null ? '' : `${stat.size}/${stat.mtimeMs}`;
    if (state !== seen) [seen, since] = [state, now];
    if (now > end || (state !== '' && now - since > SETTLED_MS))
      throw new RequestFailure(
        'broken',
        `the hidden states in ${path} cannot be read: ${problem}`,
        { error: 'hiddenStatesUnreadable' },
      );
    await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/**
 * Reads the file of a reply: the mean over the prompt's tokens of each layer, [layers · dim].
 * @throws RequestFailure with RXB4016 if the file is missing or broken; HarnessError RXB4015,
 * RXB4017 if every prompt would fail.
 */
export async function pooledStates(
  reply: Reply,
  model: string,
  options: HiddenStatesOptions,
  signal: AbortSignal,
): Promise<Float32Array> {
  const path = await statesFile(reply, model, options);
  const file = await openWhole(path, options.waitSeconds, signal);
  try {
    return await poolTokens(file, path, model, options, parseUsage(reply)?.prompt);
  } catch (error) {
    if (!(error instanceof HarnessError) || error.kind !== 'damagedArtifact') throw error;
    throw new RequestFailure(
      'broken',
      `the hidden states in ${path} cannot be read: ${String(error.details['problem'])}`,
      { error: 'hiddenStatesUnreadable', cause: error },
    );
  } finally {
    await file.close();
  }
}

async function poolTokens(
  file: SafetensorsFile,
  path: string,
  model: string,
  options: HiddenStatesOptions,
  promptTokens: number | undefined,
): Promise<Float32Array> {
  const broken = (problem: string): RequestFailure =>
    new RequestFailure('rejected', `the hidden states in ${path}: ${problem}`, {
      error: 'hiddenStatesUnreadable',
    });
  const wanted = [getLayers(options).length, options.dim];
  const shape = file.shape(STATES);
  const [tokens = 0, layers = 0, dim = 0] = shape;
  if (shape.length !== 3 || layers !== wanted[0] || dim !== wanted[1])
    throw new ModelError('hiddenStatesMismatch', {
      model,
      problem: `a token has hidden states of ${shape.slice(1).join(' × ') || 'no layers'}, but the options declare ${wanted.join(' × ')} (layers × dim)`,
    });
  if (tokens === 0) throw broken('the file has no tokens');
  if (promptTokens !== undefined && promptTokens !== tokens)
    throw broken(`the file has ${tokens} tokens, but the prompt has ${promptTokens}`);
  const width = layers * dim;
  const sums = new Float64Array(width);
  const block = Math.max(1, Math.floor(BLOCK_NUMBERS / width));
  for (let first = 0; first < tokens; first += block) {
    const values = await file.rows(STATES, first, Math.min(block, tokens - first));
    for (let offset = 0; offset < values.length; offset += width)
      for (let i = 0; i < width; i++)
        sums[i] = (sums[i] as number) + (values[offset + i] as number);
  }
  const means = Float32Array.from(sums, (sum) => sum / tokens);
  if (!means.every(Number.isFinite)) throw broken('a value is not finite');
  return means;
}

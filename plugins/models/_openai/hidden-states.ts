import { SafetensorsFile } from 'routerxbench/safetensors';
import { HarnessError, getErrorMessage } from '../../../core/index.js';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RequestFailure } from './failure.js';
import type { HiddenStatesOptions } from './options.js';
import { parseUsage, type Reply } from './reply.js';
import { UnsafeFile, type SharedFolder } from './shared-folder.js';
import { ModelError } from '../_errors.js';

/** Tensor [tokens, layers, dim] in a file of the server. */
const STATES = 'hidden_states';
const FIRST_LOOK_MS = 2;
const LAST_LOOK_MS = 100;
/** A file that has not changed for this long, and still cannot be read, never will be. */
const SETTLED_MS = 2000;
/** Numbers that are read at once. */
const BLOCK_NUMBERS = 2 ** 22;
/** Characters of a path in a message. */
const MOST_SHOWN = 1000;

/** The requested layers. */
export const getLayers = ({
  depth,
  layers,
}: Pick<HiddenStatesOptions, 'depth' | 'layers'>): readonly number[] =>
  layers ?? Array.from({ length: depth + 1 }, (_, layer) => layer);

/** Names of files that a server leaves in its folder. */
const STATES_FILE = /\.(safetensors|lock)$|^\./;

/**
 * Refuses a folder in which other files are: files in it are removed.
 * @throws ModelError RXB4025
 */
export async function requireStatesFolder(shared: SharedFolder, folder: string): Promise<void> {
  await shared.pin();
  const foreign = await shared.findOther(STATES_FILE);
  if (foreign !== undefined) throw new ModelError('hiddenStatesFolderInUse', { folder, foreign });
}

/**
 * The hidden states file that a reply names, by its path inside the folder.
 * @throws HarnessError RXB4017 if it names none, RXB4015 if it is outside the folder: nothing there
 * is read or removed.
 */
async function locateFile(
  reply: Reply,
  model: string,
  { folder }: HiddenStatesOptions,
  shared: SharedFolder,
): Promise<string> {
  const path = reply.kv_transfer_params?.hidden_states_path;
  if (typeof path !== 'string' || path === '')
    throw new ModelError('hiddenStatesMismatch', {
      model,
      problem:
        'its replies do not name a file of hidden states (kv_transfer_params.hidden_states_path)',
    });
  const inside = await shared.locate(path);
  if (inside === undefined)
    throw new ModelError('hiddenStatesOutsideFolder', {
      model,
      path: path.slice(0, MOST_SHOWN),
      folder,
    });
  return inside;
}

/**
 * Opens a file that the server may still be writing. vLLM holds a lock meanwhile that Node cannot
 * see, but the header gives the length of the complete file.
 */
async function openWhole(
  inside: string,
  path: string,
  shared: SharedFolder,
  waitSeconds: number,
  signal: AbortSignal,
): Promise<SafetensorsFile> {
  const unreadable = (kind: 'rejected' | 'broken', problem: string): RequestFailure =>
    new RequestFailure(kind, `the hidden states in ${path} cannot be read: ${problem}`, {
      error: 'hiddenStatesUnreadable',
    });
  const end = performance.now() + 1000 * waitSeconds;
  let [seen, since] = ['', performance.now()];
  let problem = 'the file does not exist';
  for (let wait = FIRST_LOOK_MS; ; wait = Math.min(LAST_LOOK_MS, 2 * wait)) {
    let state = '';
    try {
      const handle = await shared.open(inside);
      const { size, mtimeMs } = await handle.stat();
      state = `${size}/${mtimeMs}`;
      return await SafetensorsFile.open(path, handle);
    } catch (error) {
      if (error instanceof UnsafeFile) throw unreadable('rejected', error.message);
      // where it is removed meanwhile, the problem is what was wrong with it
      if (state !== '' || !isMissing(error))
        problem =
          error instanceof HarnessError ? String(error.details['problem']) : getErrorMessage(error);
    }
    const now = performance.now();
    if (state !== seen) [seen, since] = [state, now];
    if (now > end || (state !== '' && now - since > SETTLED_MS))
      throw unreadable('broken', problem);
    await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** The path for messages. */
const shownPath = (folder: string, inside: string): string =>
  join(folder, inside).slice(0, MOST_SHOWN);

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

/**
 * Reads the file of a reply: the mean over the prompt's tokens of each layer, [layers · dim].
 * @throws RequestFailure with RXB4016 if the file is missing or broken; HarnessError RXB4015,
 * RXB4017 if every prompt would fail.
 */
export async function pooledStates(
  reply: Reply,
  model: string,
  options: HiddenStatesOptions,
  shared: SharedFolder,
  signal: AbortSignal,
): Promise<Float32Array> {
  const inside = await locateFile(reply, model, options, shared);
  const path = shownPath(options.folder, inside);
  const file = await openWhole(inside, path, shared, options.waitSeconds, signal);
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

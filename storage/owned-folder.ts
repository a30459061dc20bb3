/**
 * Folders that the harness fills and empties: results and reply cache. Each carries a marker, and
 * one that was not made by the harness is refused before anything is written or removed.
 */
import type { Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from './atomic.js';
import { listSegments, MODEL_FOLDER } from './cache/cache-names.js';
import { StorageError } from './errors.js';

/** A file that says whose folder this is. */
export const MARKER = '.routerxbench.json';

/** What a folder is for: the config's field that names it. */
type Purpose = 'results' | 'cache';

const read = async (folder: string): Promise<readonly Dirent[]> =>
  await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });

/** Files that belong to nobody's work. */
const isIncidental = ({ name }: Dirent): boolean =>
  name === MARKER || /^\.(gitignore|gitkeep|gitattributes|DS_Store)$|\.tmp$/.test(name);

const RESULT_FOLDERS = new Set(['artifacts', 'cache', 'hidden-states', 'logs', 'runs', 'servers']);
const RESULT_FILES = /^(leaderboard\.(json|md)|baseline\.(rows\.)?json|pairs\.json)$/;
/** Reports that earlier versions wrote beside runs, under names that users chose. */
const REPORT_FILE =
  /^(?!harness\.config\.|package(-lock)?\.json$|tsconfig).*\.(csv|html|json|md|svg|tex|txt|xml)$/;

/** Whether a folder of runs is one of ours: each of them has a record or a leaderboard. */
async function findForeignRun(runs: string): Promise<string | undefined> {
  for (const item of await read(runs)) {
    if (isIncidental(item)) continue;
    const members = item.isDirectory() ? await read(join(runs, item.name)) : undefined;
    const isRun = members?.some(({ name }) => name === 'run.json' || name === 'leaderboard.json');
    if (isRun !== true && members?.length !== 0) return join('runs', item.name);
  }
  return undefined;
}

async function findForeignResult(folder: string): Promise<string | undefined> {
  const items = (await read(folder)).filter((item) => !isIncidental(item));
  const isOld = items.some(({ name }) => name === 'runs' || name === 'artifacts');
  const other = items.find(
    (item) =>
      !RESULT_FOLDERS.has(item.name) &&
      !RESULT_FILES.test(item.name) &&
      !(isOld && item.isFile() && REPORT_FILE.test(item.name)),
  );
  return other?.name ?? (await findForeignRun(join(folder, 'runs')));
}

/**
 * The first name in a folder that a reply cache would not have; undefined if there is none.
 */
export async function findForeignReply(folder: string): Promise<string | undefined> {
  for (const item of await read(folder)) {
    if (isIncidental(item) || /^[0-9a-f]{24}\.lock$/.test(item.name)) continue;
    if (!item.isDirectory() || !MODEL_FOLDER.test(item.name)) return item.name;
    const segments = new Set(await listSegments(join(folder, item.name)));
    const other = (await read(join(folder, item.name))).find(
      (member) => !segments.has(member.name) && !isIncidental(member),
    );
    if (other !== undefined) return join(item.name, other.name);
  }
  return undefined;
}

async function isMarked(folder: string, purpose: Purpose): Promise<boolean> {
  const file = join(folder, MARKER);
  if (!(await lstat(file).catch(() => null))?.isFile()) return false;
  const text = await readFile(file, 'utf8').catch(() => '');
  // an empty one was made by the user
  return text.trim() === '' || text.includes(`"${purpose}"`);
}

/**
 * Refuses a folder that is not the harness's own: it has no marker, and something is in it that the
 * harness would not have written.
 * @throws StorageError RXB5016
 */
export async function requireOwned(folder: string, purpose: Purpose): Promise<void> {
  if (await isMarked(folder, purpose)) return;
  const foreign = await (purpose === 'results' ? findForeignResult : findForeignReply)(folder);
  if (foreign !== undefined)
    throw new StorageError('foreignFolder', { folder, option: purpose, foreign, marker: MARKER });
}

/**
 * Makes a folder the harness's own; one that an earlier version made is adopted.
 * @throws StorageError RXB5016, RXB5002
 */
export async function claimFolder(folder: string, purpose: Purpose): Promise<void> {
  await requireOwned(folder, purpose);
  if (await isMarked(folder, purpose)) return;
  await writeAtomic(join(folder, MARKER), `${JSON.stringify({ folder: purpose })}\n`);
}

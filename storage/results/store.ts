/**
 * Result files of a run. Numbers are written with 6 decimals and keys in a fixed order, so that
 * equal runs give equal bytes.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import stringify from 'json-stringify-pretty-compact';
import { getErrorMessage } from '../../core/errors.js';
import { withCurrentNames } from './old-names.js';
import { writeAtomic } from '../atomic.js';
import type { GradeRow, Leaderboard, RouterResult, RunRecord } from './types.js';
import { StorageError } from '../errors.js';

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(6)) : value;

/** Values that fit on a line of this length share it: a changed number is a changed line. */
const LINE = 120;

/** JSON with 6 decimals, short values on one line, and a final newline. */
export const resultJson = (value: unknown): string =>
  `${stringify(value, { maxLength: LINE, replacer: rounded })}\n`;

/** A result as a reader of its file has it, with 6 decimals. */
export const asWritten = (result: RouterResult): RouterResult =>
  JSON.parse(JSON.stringify(result, rounded)) as RouterResult;

/** Folder of a run. */
export const runFolder = (results: string, run: string): string => join(results, 'runs', run);

/** A row behind a result: readable by `rxb measure`. Grades are divided to [0, 1]. */
export interface ResultRow {
  readonly id: string;
  readonly weak: number | null;
  readonly strong: number | null;
  readonly confidence: number | null;
  /**
   * US dollars of the weak model's answer, and of a query that is sent on; only where any cost is
   * known.
   */
  readonly weakCost?: number | null;
  readonly strongCost?: number | null;
  /** Where the set has clusters: rows of one cluster are drawn together. */
  readonly cluster?: string;
}

/** Writes one result. */
export const writeResult = async (folder: string, result: RouterResult): Promise<void> =>
  await writeAtomic(`${join(folder, result.router, result.dataset)}.json`, resultJson(result));

const rowsFile = (folder: string, router: string, dataset: string, seed: number | null): string =>
  `${join(folder, router, dataset)}${seed === null ? '' : `.seed-${seed}`}.rows.jsonl`;

/** Writes the rows behind a result, one file a training seed. */
export async function writeRows(
  folder: string,
  router: string,
  dataset: string,
  rowsBySeed: readonly { readonly seed: number | null; readonly rows: readonly ResultRow[] }[],
): Promise<void> {
  for (const { seed, rows } of rowsBySeed)
    await writeAtomic(
      rowsFile(folder, router, dataset, seed),
      rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    );
}

/** Reads the rows behind a result back; a missing file is RXB5003, a damaged one RXB5001. */
export async function readRows(
  folder: string,
  router: string,
  dataset: string,
  seed: number | null,
): Promise<readonly ResultRow[]> {
  const file = rowsFile(folder, router, dataset, seed);
  const text = await readFile(file, 'utf8').catch((cause: unknown) =>
    Promise.reject(
      new StorageError('notPrepared', { what: 'the rows of a result', file }, { cause }),
    ),
  );
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as ResultRow);
  } catch (cause) {
    throw new StorageError('damagedArtifact', { file, problem: getErrorMessage(cause) }, { cause });
  }
}

/** A grade of a scorer, without the id of its row. */
type StoredGrade = Omit<GradeRow, 'id'>;

/** One answer graded by the set's own scorers and by others. */
export interface ScoreRow {
  readonly id: string;
  readonly model: string;
  readonly was: StoredGrade;
  readonly now: StoredGrade;
}

/**
 * Writes two gradings of a set side by side: `scores/<scorer>/<dataset>.jsonl` in the folder of the
 * run.
 */
export async function writeScores(
  folder: string,
  scorer: string,
  dataset: string,
  rows: readonly ScoreRow[],
): Promise<void> {
  await writeAtomic(
    join(folder, 'scores', scorer, `${dataset}.jsonl`),
    rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  );
}

const readJson = async <T>(file: string): Promise<T> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) =>
    Promise.reject(new StorageError('notPrepared', { what: 'a result', file }, { cause })),
  );
  try {
    return withCurrentNames(JSON.parse(text)) as T;
  } catch (cause) {
    throw new StorageError('damagedArtifact', { file, problem: getErrorMessage(cause) }, { cause });
  }
};

/**
 * All results in the folder of a run, by router and dataset; none where the folder is not there.
 */
export async function readResults(folder: string): Promise<readonly RouterResult[]> {
  // a run without results yet
  const routers = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const results: RouterResult[] = [];
  for (const router of routers
    .filter((item) => item.isDirectory())
    .map((item) => item.name)
    .sort()) {
    const files = (await readdir(join(folder, router)))
      .filter((name) => name.endsWith('.json'))
      .sort();
    for (const name of files)
      results.push(await readJson<RouterResult>(join(folder, router, name)));
  }
  return results;
}

/** Reads results/leaderboard.json. */
export const readLeaderboard = async (results: string): Promise<Leaderboard> =>
  await readJson<Leaderboard>(join(results, 'leaderboard.json'));

/** Reads run.json of a run. */
export const readRecord = async (folder: string): Promise<RunRecord> =>
  await readJson<RunRecord>(join(folder, 'run.json'));

/** Writes the leaderboard and the record of a run. */
export async function writeRun(
  results: string,
  { leaderboard, record }: { readonly leaderboard: Leaderboard; readonly record: RunRecord },
): Promise<void> {
  await writeAtomic(join(results, 'leaderboard.json'), resultJson(leaderboard));
  await writeAtomic(
    join(runFolder(results, record.run), 'run.json'),
    `${JSON.stringify(record, null, 2)}\n`,
  );
}

/** Writes which splits share questions, and how many rows were left out of fitting for it. */
export const writeOverlap = async (folder: string, shared: readonly object[]): Promise<void> =>
  await writeAtomic(join(folder, 'overlap.json'), resultJson({ schema: 1, shared }));

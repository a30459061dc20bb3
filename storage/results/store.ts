/**
 * Result files of a run. Numbers are written with 6 decimals (thresholds in full) and keys in a
 * fixed order, so that equal runs give equal bytes.
 */
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import stringify from 'json-stringify-pretty-compact';
import { getErrorMessage } from '../../core/errors.js';
import { z } from 'zod';
import { parseResult } from './parse-result.js';
import {
  FirstRunRecordSchema,
  LeaderboardSchema,
  RouterResultSchema,
  RunRecordSchema,
} from './schema.js';
import { writeAtomic } from '../atomic.js';
import { readLines } from '../lines.js';
import type { GradeRow, Leaderboard, RouterResult, RunRecord } from './types.js';
import { StorageError } from '../errors.js';
import { getRunPath } from './run-path.js';

/** Lists of numbers that are written in full: a threshold is compared with confidences. */
const exact = new WeakSet<object>();

function rounded(this: object, key: string, value: unknown): unknown {
  if (key === 'thresholds' && Array.isArray(value)) exact.add(value);
  return typeof value === 'number' && !Number.isInteger(value) && !exact.has(this)
    ? Number(value.toFixed(6))
    : value;
}

/** Values that fit on a line of this length share it: a changed number is a changed line. */
const LINE = 120;

/** JSON with 6 decimals, short values on one line, and a final newline. */
export const resultJson = (value: unknown): string =>
  `${stringify(value, { maxLength: LINE, replacer: rounded })}\n`;

/** A result as a reader of its file has it, with 6 decimals. */
export const asWritten = (result: RouterResult): RouterResult =>
  RouterResultSchema.parse(JSON.parse(JSON.stringify(result, rounded)));

/** Folder of a run. */
export const runFolder = (results: string, run: string): string =>
  getRunPath(join(results, 'runs'), run);

const MaybeNumber = z.number().nullable();
const ResultRow = z
  .object({
    id: z.string(),
    weak: MaybeNumber,
    strong: MaybeNumber,
    confidence: MaybeNumber,
    /**
     * US dollars of the weak model's answer, and of a query that is sent on; only where any cost is
     * known.
     */
    weakCost: MaybeNumber.exactOptional(),
    strongCost: MaybeNumber.exactOptional(),
    /** Of the strong model alone; left out where it is the same. */
    strongAloneCost: MaybeNumber.exactOptional(),
    /** Where the set has clusters: rows of one cluster are drawn together. */
    cluster: z.string().exactOptional(),
  })
  .readonly();

/** A row behind a result: readable by `rxb measure`. Grades are divided to [0, 1]. */
export type ResultRow = z.output<typeof ResultRow>;

/** Writes one result. */
export const writeResult = async (folder: string, result: RouterResult): Promise<void> =>
  await writeAtomic(
    getRunPath(folder, result.router, `${result.dataset}.json`),
    resultJson(result),
  );

const rowsFile = (folder: string, router: string, dataset: string, seed: number | null): string =>
  getRunPath(folder, router, `${dataset}${seed === null ? '' : `.seed-${seed}`}.rows.jsonl`);

/** Rows whose text is made at once: a text has less than 512 MiB, a file may have more. */
const BLOCK_ROWS = 4096;

/** The text of rows, one a line, a block at a time. */
function* jsonLines(rows: Iterable<object>): Generator<string> {
  let lines: string[] = [];
  for (const row of rows) {
    if (lines.push(`${JSON.stringify(row)}\n`) < BLOCK_ROWS) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}

/** Writes the rows behind a result, one file a training seed. */
export async function writeRows(
  folder: string,
  router: string,
  dataset: string,
  rowsBySeed: readonly { readonly seed: number | null; readonly rows: Iterable<ResultRow> }[],
): Promise<void> {
  for (const { seed, rows } of rowsBySeed)
    await writeAtomic(rowsFile(folder, router, dataset, seed), jsonLines(rows));
}

/** Reads the rows behind a result back; a missing file is RXB5003, a damaged one RXB5001. */
export async function readRows(
  folder: string,
  router: string,
  dataset: string,
  seed: number | null,
): Promise<readonly ResultRow[]> {
  const file = rowsFile(folder, router, dataset, seed);
  await access(file).catch((cause: unknown) =>
    Promise.reject(
      new StorageError('notPrepared', { what: 'the rows of a result', file }, { cause }),
    ),
  );
  const rows: ResultRow[] = [];
  try {
    for await (const line of readLines(file, file))
      if (line !== '') rows.push(ResultRow.parse(JSON.parse(line)));
    return rows;
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
  await writeAtomic(getRunPath(folder, 'scores', scorer, `${dataset}.jsonl`), jsonLines(rows));
}

/** Reads a result file. @throws StorageError where it is missing or has another form */
async function readResult<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) =>
    Promise.reject(new StorageError('notPrepared', { what: 'a result', file }, { cause })),
  );
  const parsed = parseResult(text, schema);
  if ('value' in parsed) return parsed.value;
  throw new StorageError('damagedArtifact', { file, problem: parsed.problem });
}

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
      results.push(await readResult(join(folder, router, name), RouterResultSchema));
  }
  return results;
}

/** Reads leaderboard.json of a folder: that of results, or that of a run. */
export const readLeaderboard = async (folder: string): Promise<Leaderboard> =>
  await readResult(join(folder, 'leaderboard.json'), LeaderboardSchema);

/** Reads run.json of a run; null where there is none, or one that version 0.1 wrote. */
export async function readRecord(folder: string): Promise<RunRecord | null> {
  const file = join(folder, 'run.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  const ofThisVersion = parseResult(text, RunRecordSchema);
  if ('value' in ofThisVersion) return ofThisVersion.value;
  const ofFirst = parseResult(text, FirstRunRecordSchema);
  if ('value' in ofFirst && !('calls' in ofFirst.value)) return null;
  throw new StorageError('damagedArtifact', { file, problem: ofThisVersion.problem });
}

/** Writes leaderboard.json into a folder. */
export const writeLeaderboard = async (folder: string, leaderboard: Leaderboard): Promise<void> =>
  await writeAtomic(join(folder, 'leaderboard.json'), resultJson(leaderboard));

/** Writes run.json of a run. */
export const writeRecord = async (folder: string, record: RunRecord): Promise<void> =>
  await writeAtomic(join(folder, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);

/** Writes which splits share questions, and how many rows were left out of fitting for it. */
export const writeOverlap = async (folder: string, shared: readonly object[]): Promise<void> =>
  await writeAtomic(join(folder, 'overlap.json'), resultJson({ schema: 1, shared }));

/**
 * The rows of one split of one set that a run uses, with the hashes that artifacts are keyed by.
 */
import type { Dataset, DatasetRow } from '../core/contracts.js';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { selectRows } from './protocol/select.js';
import { SHARD_ROWS } from '../storage/artifact.js';
import { IdSet } from './util/id-set.js';
import { Sha256 } from './util/sha256.js';
import { PipelineError } from './errors.js';
import { countText } from '../analysis/util/count-text.js';

/**
 * The rows of one shard.
 * @internal Exported for its tests.
 */
export interface QueryBlock {
  readonly shard: number;
  readonly rows: readonly DatasetRow[];
}

/** A fixed list of queries that can be read again and again, in shards. */
export interface QuerySet {
  /** Name of the dataset entry in the config. */
  readonly dataset: string;
  readonly split: string;
  readonly rows: number;
  /** Over ids and prompts: what answers and signals depend on. */
  readonly promptsHash: string;
  /** Over everything in the rows: what grades depend on. */
  readonly contentHash: string;
  /** Names of the models whose outcomes the rows hold. */
  readonly recorded: ReadonlySet<string>;
  readonly blocks: () => AsyncIterable<QueryBlock>;
}

const findRowProblem = (row: DatasetRow): string | undefined => {
  if (typeof row !== 'object' || row === null) return 'it is not an object';
  if (typeof row.id !== 'string' || row.id === '') return 'it has no id';
  if (typeof row.prompt !== 'string' || row.prompt.trim() === '') return 'its prompt is empty';
  const references = Array.isArray(row.reference)
    ? (row.reference as readonly unknown[])
    : [row.reference];
  if (references.some((reference) => typeof reference !== 'string'))
    return 'its reference is not a string';
  if (typeof row.domain !== 'string') return 'it has no domain';
  return undefined;
};

/** The two hashes of a query set, over its rows in order. */
function rowHashes(): {
  readonly digest: (row: DatasetRow) => void;
  readonly hashes: () => Pick<QuerySet, 'promptsHash' | 'contentHash'>;
} {
  const prompts = new Sha256();
  const content = new Sha256();
  return {
    digest: (row) => {
      const more =
        row.turns === undefined && row.temperature === undefined
          ? []
          : [JSON.stringify([row.turns ?? [], row.temperature ?? null])];
      prompts.add(row.id, row.prompt, ...more);
      content.add(
        row.id,
        row.prompt,
        JSON.stringify([
          row.reference,
          row.domain,
          row.group,
          row.cluster,
          row.choices,
          ...(row.turns === undefined && row.recorded === undefined && row.temperature === undefined
            ? []
            : [row.turns, row.recorded, row.temperature]),
        ]),
      );
    },
    hashes: () => ({ promptsHash: prompts.digest(), contentHash: content.digest() }),
  };
}

async function* inShards(
  source: AsyncIterable<DatasetRow> | Iterable<DatasetRow>,
): AsyncGenerator<QueryBlock> {
  let rows: DatasetRow[] = [];
  let shard = 0;
  for await (const row of source) {
    rows.push(row);
    if (rows.length < SHARD_ROWS) continue;
    yield { shard: shard++, rows };
    rows = [];
  }
  if (rows.length > 0) yield { shard, rows };
}

/** Which rows of a split to use. */
export interface QueryRequest {
  readonly dataset: string;
  readonly split: string;
  readonly limit: number | undefined;
  readonly count: number | undefined;
  readonly seed: number;
  /** Rows that are not to be drawn; asked once a row, in order. */
  readonly leaveOut?: (row: DatasetRow) => boolean;
}

/** A split as it is read: at most `limit` rows. @throws PipelineError invalidDataset */
async function* readLimited(
  source: Dataset,
  { dataset, split, limit }: QueryRequest,
): AsyncGenerator<DatasetRow> {
  let n = 0;
  try {
    for await (const row of source.read(split)) {
      if (limit !== undefined && n >= limit) return;
      n++;
      yield row;
    }
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    const problem = `it failed after ${countText(n, 'row')}: ${getErrorMessage(cause)}`;
    throw new PipelineError(
      'invalidDataset',
      { where: `${dataset}/${split}`, problem, dataset },
      { cause },
    );
  }
}

/** Reads the split again for a second row with this id: equal hashes alone do not prove it. */
async function refuseDouble(source: Dataset, request: QueryRequest, id: string): Promise<void> {
  const positions: number[] = [];
  let n = 0;
  for await (const row of readLimited(source, request)) {
    n++;
    if (row.id === id) positions.push(n);
  }
  const [first, second] = positions;
  if (first === undefined || second === undefined) return;
  throw new PipelineError('duplicateId', {
    id,
    first: `${request.dataset}/${request.split} row ${first}`,
    second: `row ${second}`,
  });
}

/** What the first reading of a split finds. */
interface CheckedSplit {
  readonly total: number;
  /** Numbers of the rows that are left out. */
  readonly left: ReadonlySet<number>;
  readonly recorded: ReadonlySet<string>;
}

/** Reads a split once, checks every row and gives those that may be used to `use`. */
async function checkSplit(
  source: Dataset,
  request: QueryRequest,
  use: (row: DatasetRow) => void,
): Promise<CheckedSplit> {
  const { dataset } = request;
  const where = `${dataset}/${request.split}`;
  const ids = new IdSet();
  const recorded = new Set<string>();
  const left = new Set<number>();
  let total = 0;
  for await (const row of readLimited(source, request)) {
    total++;
    const problem = findRowProblem(row);
    if (problem !== undefined)
      throw new PipelineError('invalidDataset', {
        where: `${where} row ${total}`,
        problem,
        dataset,
      });
    if (ids.add(row.id)) await refuseDouble(source, request, row.id);
    for (const model in row.recorded) recorded.add(model);
    if (request.leaveOut?.(row) === true) left.add(total - 1);
    else use(row);
  }
  const refuse = (problem: string): HarnessError =>
    new PipelineError('invalidDataset', { where, problem, dataset });
  if (total === 0) throw refuse('the split has no rows');
  if (left.size === total) throw refuse('all of its rows are also test rows');
  return { total, left, recorded };
}

/** How many of the usable rows to draw; undefined = all. @throws PipelineError tooFewRows */
function countRows(
  { dataset, split, limit, count }: QueryRequest,
  { total, left }: CheckedSplit,
): number | undefined {
  const usable = total - left.size;
  if (count === undefined || count <= usable) return count;
  // where enough rows were there before some were left out, the others are taken
  if (limit !== undefined || count <= total) return usable;
  throw new PipelineError('tooFewRows', { split, dataset, rows: usable, wanted: count });
}

/** Draws rows of a split: 1 where the row of that number is used. */
function drawRows(
  { total, left }: CheckedSplit,
  count: number | undefined,
  seed: number,
): { readonly rows: number; readonly chosen: Uint8Array } {
  const drawn = selectRows(total - left.size, count, seed);
  const chosen = new Uint8Array(total);
  const keptRows =
    left.size === 0
      ? undefined
      : Uint32Array.from({ length: total }, (_, i) => i).filter((i) => !left.has(i));
  for (const row of drawn) chosen[keptRows?.[row] ?? row] = 1;
  return { rows: drawn.length, chosen };
}

/**
 * Reads a split once: checks every row, counts, hashes, and draws the rows to use. `count`
 * undefined takes all.
 * @throws PipelineError tooFewRows where `count` is more than the split has, invalidDataset where a
 * row breaks the contract, duplicateId
 */
export async function openQuerySet(source: Dataset, request: QueryRequest): Promise<QuerySet> {
  const { digest, hashes } = rowHashes();
  const takesAll = request.count === undefined;
  const checked = await checkSplit(source, request, takesAll ? digest : () => {});
  const { rows, chosen } = drawRows(checked, countRows(request, checked), request.seed);

  async function* selected(): AsyncGenerator<DatasetRow> {
    let i = 0;
    for await (const row of readLimited(source, request)) if (chosen[i++] === 1) yield row;
  }

  if (!takesAll) for await (const row of selected()) digest(row);
  return {
    dataset: request.dataset,
    split: request.split,
    rows,
    ...hashes(),
    recorded: checked.recorded,
    blocks: () => inShards(selected()),
  };
}

/** Rows in memory as a query set, without recorded outcomes. */
export function buildQuerySet(
  dataset: string,
  split: string,
  rows: readonly DatasetRow[],
): QuerySet {
  const { digest, hashes } = rowHashes();
  rows.forEach(digest);
  return {
    dataset,
    split,
    rows: rows.length,
    ...hashes(),
    recorded: new Set(),
    blocks: () => inShards(rows),
  };
}

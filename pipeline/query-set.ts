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

/** The rows of one shard. */
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

/**
 * Reads a split once: checks every row, counts, hashes, and draws the rows to use. `count`
 * undefined takes all;
 * more than there are, those left out included, is RXB3006. A row that breaks the contract is
 * RXB3004, a double id RXB3003.
 */
export async function openQuerySet(
  source: Dataset,
  request: {
    readonly dataset: string;
    readonly split: string;
    readonly limit: number | undefined;
    readonly count: number | undefined;
    readonly seed: number;
    /** Rows that are not to be drawn; asked once a row, in order. */
    readonly leaveOut?: (row: DatasetRow) => boolean;
  },
): Promise<QuerySet> {
  const where = `${request.dataset}/${request.split}`;
  async function* limited(): AsyncGenerator<DatasetRow> {
    let n = 0;
    try {
      for await (const row of source.read(request.split)) {
        if (request.limit !== undefined && n >= request.limit) return;
        n++;
        yield row;
      }
    } catch (cause) {
      if (cause instanceof HarnessError) throw cause;
      throw new PipelineError(
        'invalidDataset',
        {
          where,
          problem: `it failed after ${n} rows: ${getErrorMessage(cause)}`,
          dataset: request.dataset,
        },
        { cause },
      );
    }
  }

  const refuseDouble = async (id: string): Promise<void> => {
    const positions: number[] = []; // read again: hashes alone do not prove that an id is double
    let n = 0;
    for await (const row of limited()) if ((n++, row.id === id)) positions.push(n);
    const [first, second] = positions;
    if (first !== undefined && second !== undefined)
      throw new PipelineError('duplicateId', {
        id,
        first: `${where} row ${first}`,
        second: `row ${second}`,
      });
  };
  const { digest, hashes } = rowHashes();
  const ids = new IdSet();
  const recorded = new Set<string>();
  const left = new Set<number>(); // rows that are left out, by their number
  let total = 0;
  for await (const row of limited()) {
    total++;
    const problem = findRowProblem(row);
    if (problem !== undefined)
      throw new PipelineError('invalidDataset', {
        where: `${where} row ${total}`,
        problem,
        dataset: request.dataset,
      });
    if (ids.add(row.id)) await refuseDouble(row.id);
    for (const model in row.recorded) recorded.add(model);
    if (request.leaveOut?.(row) === true) left.add(total - 1);
    else if (request.count === undefined) digest(row);
  }
  if (total === 0)
    throw new PipelineError('invalidDataset', {
      where,
      problem: 'the split has no rows',
      dataset: request.dataset,
    });
  const usable = total - left.size;
  if (usable === 0)
    throw new PipelineError('invalidDataset', {
      where,
      problem: 'all of its rows are also test rows',
      dataset: request.dataset,
    });
  // rows that are left out are no mistake of who asks for all: the others are taken
  const count =
    request.count === undefined
      ? undefined
      : request.limit !== undefined || request.count <= total
        ? Math.min(request.count, usable)
        : request.count;
  if (count !== undefined && count > usable) {
    throw new PipelineError('tooFewRows', {
      split: request.split,
      dataset: request.dataset,
      rows: usable,
      wanted: count,
    });
  }
  const drawn = selectRows(usable, count, request.seed);
  const chosen = new Uint8Array(total);
  const keptRows =
    left.size === 0
      ? undefined
      : Uint32Array.from({ length: total }, (_, i) => i).filter((i) => !left.has(i));
  for (const row of drawn) chosen[keptRows?.[row] ?? row] = 1;

  async function* selected(): AsyncGenerator<DatasetRow> {
    let i = 0;
    for await (const row of limited()) if (chosen[i++] === 1) yield row;
  }

  if (request.count !== undefined) for await (const row of selected()) digest(row);

  return {
    dataset: request.dataset,
    split: request.split,
    rows: drawn.length,
    ...hashes(),
    recorded,
    blocks: () => inShards(selected()),
  };
}

/** Rows that are at hand as a query set; nothing is recorded of them. */
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

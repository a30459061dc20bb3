/** Parquet files → records, decoded in a thread that can be ended. */
import { ThreadEnded, WatchedThread } from 'routerxbench/watched-thread';
import type { Files } from '../../../core/index.js';
import { DatasetError } from '../_errors.js';
import type { TableRecord } from './field.js';
import type { ParquetBlock, ParquetReply, ParquetRequest } from './parquet-messages.js';
import type { NumberedRecord } from './row.js';

function* buildRecords({ names, columns }: ParquetBlock): Generator<TableRecord> {
  const rows = columns[0]?.length ?? 0;
  for (let row = 0; row < rows; row++) {
    const record: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) record[names[i] as string] = columns[i]?.[row];
    yield record;
  }
}

type ParquetThread = WatchedThread<ParquetReply>;

/** A thread that has read a file to its end and waits for another. */
let resting: ParquetThread | undefined;

const takeThread = (): ParquetThread => {
  const thread =
    resting?.usable === true
      ? resting
      : new WatchedThread<ParquetReply>(new URL('./parquet-thread.js', import.meta.url), null);
  resting = undefined;
  return thread;
};

async function nextReply(thread: ParquetThread): Promise<ParquetReply> {
  try {
    const reply = await thread.next();
    if ('names' in reply) thread.post('more' satisfies ParquetRequest);
    return reply;
  } catch (error) {
    if (error instanceof ThreadEnded)
      return { failed: `while a part of it was decoded, ${error.message}` };
    throw error;
  }
}

/** Parquet, one row group in memory at a time; all compression types of Parquet. */
export async function* parquetRecords(files: Files, path: string): AsyncGenerator<NumberedRecord> {
  await files.size(path); // it is there, and a regular file
  const thread = takeThread();
  let [line, ended] = [0, false];
  try {
    thread.begin({ open: files.resolve(path) } satisfies ParquetRequest);
    for (;;) {
      const reply = await nextReply(thread);
      ended = !('names' in reply);
      if ('end' in reply) return;
      if ('failed' in reply)
        throw new DatasetError('invalidParquet', { file: path, problem: reply.failed });
      for (const record of buildRecords(reply)) yield { record, line: ++line };
    }
  } finally {
    if (ended && thread.usable && resting === undefined) {
      resting = thread;
      thread.rest();
    } else await thread.end();
  }
}

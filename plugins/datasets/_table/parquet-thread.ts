/**
 * The thread that reads Parquet files: decoding a damaged file may never end, or need more memory
 * than there is, and a thread can be ended.
 */
import type { FileHandle } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import {
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type FileMetaData,
  type ParquetParsers,
  type SchemaElement,
  type RowGroup,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { getMaxDefinitionLevel, getTreePath } from 'hyparquet/src/schema.js';
import { openRegular } from 'routerxbench/regular-file';
import { getStepWatch } from 'routerxbench/watched-thread';
import { getErrorMessage, isObject } from '../../../core/index.js';
import type { TableRecord } from './field.js';
import {
  BLOCKS_AHEAD,
  type ParquetBlock,
  type ParquetReply,
  type ParquetRequest,
} from './parquet-messages.js';
import {
  checkFooter,
  checkPages,
  getColumns,
  getRange,
  type DecodingWork,
} from './parquet-pages.js';

const port = parentPort;
if (port === null) throw new Error('parquet-thread.ts is the body of a thread');
const step = getStepWatch();

const ROWS_PER_BLOCK = 1024;
/**
 * Limits of time: many times what an honest file takes, since nothing tells a slow machine from a
 * decoder that does not end.
 */
const BASE_MS = 1000;
const MS_PER_BYTE = 1 / 2000;
const MS_PER_VALUE = 1 / 200;

/** Begins a piece of work that must end by itself. */
const watch = ({ bytes, values }: DecodingWork): void =>
  step.begin(BASE_MS + bytes * MS_PER_BYTE + values * MS_PER_VALUE);

/** How many more blocks the caller takes, and what waits until it takes one. */
let [credit, wake]: [number, () => void] = [BLOCKS_AHEAD, () => undefined];

async function send(block: ParquetBlock): Promise<void> {
  while (credit === 0) await new Promise<void>((resolve) => (wake = resolve));
  credit--;
  port?.postMessage(block satisfies ParquetReply);
}

/** Converts to JSON values: integers beyond double precision become text, dates their ISO form. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<unknown>, plain);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
    : value;
}

/** Some rows, column by column: names of columns are sent once. `flat`: columns without parts. */
function buildBlock(rows: readonly TableRecord[], flat: ReadonlySet<string>): ParquetBlock {
  const names = Object.keys(rows[0] ?? {});
  const columns = names.map((name) => {
    const isFlat = flat.has(name);
    return rows.map((row) => {
      if (isFlat && row[name] === undefined)
        throw new Error(`a row has no value for "${name}", and no mark that it has none`);
      return plain(row[name]);
    });
  });
  return { names, columns };
}

const isFlatElement = ({ num_children: children, repetition_type: repeats }: SchemaElement) =>
  !children && repeats !== 'REPEATED';

/** Names of the columns that are no lists, maps or records. */
function findFlat({ row_groups: [group], schema }: FileMetaData): ReadonlySet<string> {
  const leaves = schema.slice(1).filter(({ num_children: children }) => !children);
  const paths = group === undefined ? [] : getColumns(group).map((column) => column.path_in_schema);
  return new Set(
    paths.flatMap((path, i) => {
      const leaf = leaves[i];
      return path.length === 1 && leaf !== undefined && isFlatElement(leaf) ? path : [];
    }),
  );
}

/**
 * How texts are decoded. A changed byte often is not UTF-8; but a column that does not say what its
 * bytes are may be anything.
 */
function buildParsers({ schema }: FileMetaData): Partial<ParquetParsers> {
  const fatal = schema.every(
    ({ type, converted_type: converted, logical_type: logical }) =>
      type !== 'BYTE_ARRAY' || converted !== undefined || logical !== undefined,
  );
  const decoder = new TextDecoder('utf-8', { fatal });
  return { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && decoder.decode(bytes) };
}

async function readBytes(handle: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
    if (bytesRead === 0) throw new Error(`it ends before byte ${end}`);
    done += bytesRead;
  }
  return bytes.buffer;
}

/** The bytes of a file: a row group is read at once, and decoded from memory. */
class ParquetBytes {
  #start = 0;
  #held = new ArrayBuffer(0);

  constructor(
    private readonly handle: FileHandle,
    readonly byteLength: number,
  ) {}

  /** Reads a range ahead of its use. */
  async hold(start: number, end: number): Promise<void> {
    this.#held = new ArrayBuffer(0);
    this.#held = await readBytes(this.handle, start, end);
    this.#start = start;
  }

  /** Bytes of the range that is held. */
  view(start: number, end: number): Uint8Array {
    return new Uint8Array(this.#held, start - this.#start, end - start);
  }

  readonly slice = async (from: number, to = this.byteLength): Promise<ArrayBuffer> => {
    const start = from < 0 ? this.byteLength + from : from;
    const [first, last] = [start - this.#start, to - this.#start];
    if (first >= 0 && last <= this.#held.byteLength) return this.#held.slice(first, last);
    return await readBytes(this.handle, Math.max(0, start), Math.min(to, this.byteLength));
  };
}

/** Reads the bytes of a row group and checks its pages. */
async function loadGroup(
  file: ParquetBytes,
  metadata: FileMetaData,
  group: RowGroup,
): Promise<DecodingWork> {
  const schema = parquetSchema(metadata);
  const columns = getColumns(group);
  const ranges = columns.map((column) => getRange(column, file.byteLength));
  const start = Math.min(...ranges.map((range) => range.start));
  await file.hold(start, Math.max(start, ...ranges.map((range) => range.end)));
  const rows = Number(group.num_rows);
  watch({ bytes: file.byteLength, values: 0 });
  let [bytes, values] = [0, 0];
  for (const [i, column] of columns.entries()) {
    const range = ranges[i] as (typeof ranges)[number];
    const level = getMaxDefinitionLevel(getTreePath(schema, column.path_in_schema));
    const work = checkPages(column, file.view(range.start, range.end), rows, level);
    bytes += work.bytes;
    values += work.values;
  }
  return { bytes, values: values + rows };
}

async function readGroups(file: ParquetBytes, metadata: FileMetaData): Promise<void> {
  const [flat, parsers] = [findFlat(metadata), buildParsers(metadata)];
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const expected = Number(group.num_rows);
    const rowEnd = rowStart + expected;
    const work = expected === 0 ? { bytes: 0, values: 0 } : await loadGroup(file, metadata, group);
    watch(work);
    const rows = await parquetReadObjects({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors,
      parsers,
    });
    step.end();
    if (rows.length !== expected)
      throw new Error(`a row group has ${rows.length} rows instead of ${expected}`);
    for (let from = 0; from < rows.length; from += ROWS_PER_BLOCK)
      await send(buildBlock(rows.slice(from, from + ROWS_PER_BLOCK), flat));
    rowStart = rowEnd;
  }
}

async function read(path: string): Promise<ParquetReply> {
  let handle: FileHandle | undefined;
  try {
    handle = await openRegular(path);
    const file = new ParquetBytes(handle, (await handle.stat()).size);
    watch({ bytes: file.byteLength, values: 0 });
    const metadata = await parquetMetadataAsync(file);
    checkFooter(metadata);
    step.end();
    await readGroups(file, metadata);
    return { end: true };
  } catch (error) {
    return { failed: getErrorMessage(error) };
  } finally {
    step.end();
    await handle?.close();
  }
}

port.on('message', (request: ParquetRequest) => {
  if (request === 'more') {
    credit++;
    return wake();
  }
  credit = BLOCKS_AHEAD;
  void read(request.open).then((reply) => port.postMessage(reply));
});

/** What a Parquet file says about its own parts, checked before any of it is decoded. */
import { crc32 } from 'node:zlib';
import type { ColumnMetaData, FileMetaData, PageHeader, RowGroup } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';

/** The longest page that is decoded, when unpacked. */
const MOST_PAGE_BYTES = 2 ** 30;
/** The most rows of a row group: they are in memory together. */
const MOST_GROUP_ROWS = 2 ** 26;
const MAGIC = 'PAR1';

/** Where the bytes of a column chunk are in the file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Work that decoding takes: what a limit of time grows with. */
export interface DecodingWork {
  /** Bytes of all pages, unpacked. */
  readonly bytes: number;
  readonly values: number;
}

const whole = (value: unknown, what: string, most = Number.MAX_SAFE_INTEGER): number => {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0 || number > most)
    throw new Error(`${what} is ${String(value)}`);
  return number;
};

/** The position of a column chunk. @throws Error where it is not within the file */
export function getRange(column: ColumnMetaData, fileBytes: number): ByteRange {
  const first = column.dictionary_page_offset || column.data_page_offset;
  const start = whole(first, 'the offset of a column');
  const size = whole(column.total_compressed_size, 'the size of a column');
  if (start < MAGIC.length || start + size > fileBytes)
    throw new Error(`a column is at bytes ${start} to ${start + size} of ${fileBytes}`);
  return { start, end: start + size };
}

/**
 * Checks the counts of a file's footer.
 * @throws Error where they do not agree
 */
export function checkFooter({ num_rows: total, row_groups: groups, schema }: FileMetaData): void {
  let rows = 0;
  const leaves = schema.filter(({ num_children: children }, i) => i > 0 && !children).length;
  for (const [i, group] of groups.entries()) {
    rows += whole(group.num_rows, `the number of rows of row group ${i + 1}`, MOST_GROUP_ROWS);
    if (group.columns.length !== leaves)
      throw new Error(
        `row group ${i + 1} has ${group.columns.length} columns instead of ${leaves}`,
      );
  }
  if (rows !== whole(total, 'the number of rows'))
    throw new Error(`its row groups have ${rows} rows instead of ${String(total)}`);
}

/** The columns of a row group with their metadata. @throws Error where one has none */
export function getColumns(group: RowGroup): readonly ColumnMetaData[] {
  return group.columns.map(({ meta_data: column, file_path: path }) => {
    if (column === undefined) throw new Error('a column has no metadata');
    if (path !== undefined && path !== '')
      throw new Error(`a column is in another file: ${JSON.stringify(path)}`);
    return column;
  });
}

/** How many values a page has. */
const countValues = (header: PageHeader): number => {
  const page = header.data_page_header ?? header.data_page_header_v2;
  return page === undefined ? 0 : whole(page.num_values, 'the number of values of a page');
};

/**
 * Goes through the pages of a column chunk: their sizes, their numbers of values, and their
 * checksums, where the writer stored some.
 * @throws Error for the first page that is wrong
 */
export function checkPages(
  column: ColumnMetaData,
  chunk: Uint8Array,
  groupRows: number,
  mostLevel: number,
): DecodingWork {
  const name = column.path_in_schema.join('.');
  const values = whole(column.num_values, `the number of values of "${name}"`);
  const reader = {
    view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength),
    offset: 0,
  };
  let [seen, bytes, page] = [0, 0, 0];
  while (seen < values) {
    page++;
    const what = `page ${page} of "${name}"`;
    if (reader.offset >= chunk.length)
      throw new Error(`"${name}" has ${seen} values instead of ${values}`);
    const header = parquetHeader(reader);
    const size = whole(header.compressed_page_size, `the size of ${what}`);
    bytes += whole(header.uncompressed_page_size, `the unpacked size of ${what}`, MOST_PAGE_BYTES);
    const end = reader.offset + size;
    if (end > chunk.length)
      throw new Error(`${what} ends at byte ${end} of ${chunk.length} of its column`);
    checkHeader(header, column, what);
    if (header.crc !== undefined && crc32(chunk.subarray(reader.offset, end)) >> 0 !== header.crc)
      throw new Error(`${what} does not have its checksum`);
    if (header.type !== 'DICTIONARY_PAGE' && countValues(header) === 0 && values > 0)
      throw new Error(`${what} has no values`);
    const body = chunk.subarray(reader.offset, end);
    if (header.dictionary_page_header !== undefined) checkTerms(header, column, body, what);
    if (header.data_page_header_v2 !== undefined)
      checkNulls(header.data_page_header_v2, body, mostLevel, what);
    seen += countValues(header);
    reader.offset = end;
  }
  if (seen !== values) throw new Error(`"${name}" has ${seen} values instead of ${values}`);
  if (column.path_in_schema.length === 1 && values < groupRows)
    throw new Error(`"${name}" has ${values} values for ${groupRows} rows`);
  return { bytes, values };
}

/** Bytes of one value, where all values of a type have as many. */
const WIDTHS: Readonly<Record<string, number>> = {
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
};

/** Checks what no checksum covers: the header of a page. */
function checkHeader(header: PageHeader, column: ColumnMetaData, what: string): void {
  const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: terms } = header;
  const encoding = (v1 ?? v2 ?? terms)?.encoding;
  if (encoding === undefined || !column.encodings.includes(encoding))
    throw new Error(`${what} is encoded as ${String(encoding)}, which its column does not list`);
  const { compressed_page_size: packed, uncompressed_page_size: unpacked } = header;
  const isPacked = column.codec !== 'UNCOMPRESSED' && v2?.is_compressed !== false;
  if (!isPacked && packed !== unpacked)
    throw new Error(`${what} is not compressed, but has ${packed} bytes for ${unpacked}`);
  const width = WIDTHS[column.type];
  if (v2 === undefined) return;
  const levels =
    whole(v2.repetition_levels_byte_length, `the levels of ${what}`) +
    whole(v2.definition_levels_byte_length, `the levels of ${what}`);
  if (levels > packed || levels > unpacked)
    throw new Error(`the levels of ${what} are longer than the page`);
  const present = v2.num_values - whole(v2.num_nulls, `the nulls of ${what}`);
  if (present < 0) throw new Error(`${what} has more nulls than values`);
  if (encoding === 'PLAIN' && width !== undefined && unpacked - levels !== present * width)
    throw new Error(`${what} has ${unpacked - levels} bytes for ${present} values`);
}

/** The levels of a page of version 2 say how many values it has. */
function checkNulls(
  page: NonNullable<PageHeader['data_page_header_v2']>,
  body: Uint8Array,
  mostLevel: number,
  what: string,
): void {
  const bytes = page.definition_levels_byte_length;
  if (mostLevel === 0) return;
  const levels = new Array<number>(page.num_values);
  const from = body.byteOffset + page.repetition_levels_byte_length;
  const reader = { view: new DataView(body.buffer, from, bytes), offset: 0 };
  readRleBitPackedHybrid(reader, 32 - Math.clz32(mostLevel), levels, bytes);
  const present = levels.reduce((count, level) => count + Number(level === mostLevel), 0);
  if (present !== page.num_values - page.num_nulls)
    throw new Error(`${what} has ${present} values, but its header says otherwise`);
}

/** The values of a dictionary page fill it: a value that is not there would be read as none. */
function checkTerms(
  header: PageHeader,
  { codec, type }: ColumnMetaData,
  packed: Uint8Array,
  what: string,
): void {
  const count = whole(header.dictionary_page_header?.num_values, `the number of values of ${what}`);
  const page = decompressPage(packed, header.uncompressed_page_size, codec, compressors);
  const width = WIDTHS[type];
  let end = count * (width ?? 0);
  if (type === 'BYTE_ARRAY') {
    const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
    for (let i = 0; i < count; i++) end += 4 + view.getUint32(end, true);
  } else if (width === undefined) return;
  if (end !== page.length)
    throw new Error(`${what} has ${page.length} bytes instead of ${end} for ${count} values`);
}

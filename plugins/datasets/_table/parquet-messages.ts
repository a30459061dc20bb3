/** What the thread that reads Parquet files and its caller send each other. */
/** Asks for a file, or for more of its rows. */
export type ParquetRequest = { readonly open: string } | 'more';

/** Rows, column by column. */
export interface ParquetBlock {
  readonly names: readonly string[];
  readonly columns: readonly (readonly unknown[])[];
}

/** Rows, the end of the file, or why it cannot be read. */
export type ParquetReply = ParquetBlock | { readonly end: true } | { readonly failed: string };

/** Blocks of rows that are sent before the caller asks for more. */
export const BLOCKS_AHEAD = 4;

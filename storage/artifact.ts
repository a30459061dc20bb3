/**
 * One artifact: rows in shards of equal length under results/artifacts/<kind>/<hash of all inputs>.
 */
import { access, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { canonicalJson, jsonHash } from '../core/util/canonical-json.js';
import type { JsonObject } from '../core/util/json.js';
import { shapeSize } from '../core/util/shape-size.js';
import { writeAtomic } from './atomic.js';
import { StorageError } from './errors.js';
import { redact } from './secrets/redact.js';
import { readRegular } from './regular-file.js';
import { checksum } from './safetensors-checksums.js';
import { SafetensorsFile, writeSafetensors } from './safetensors.js';

/** Rows per shard: the unit of work, of resuming and of reading. */
export const SHARD_ROWS = 256;

/** What is stored of the requests for a row of tensors; −1 = not known. */
export const TOKEN_COUNTS = ['requests', 'prompt', 'cachedPrompt', 'completion'] as const;

const Failures = z.array(
  z.object({ row: z.int().min(0), code: z.string(), message: z.string() }).readonly(),
);

/** A row that could not be made, by its position in the shard, and why. */
export type RowFailure = z.output<typeof Failures>[number];

/** The last line of a shard of JSON rows. */
const checksumLine = (rows: Uint8Array | string): string =>
  `${JSON.stringify({ crc32: checksum(rows) })}\n`;

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';

/** An artifact of JSON rows or of tensor rows. */
export class Artifact {
  readonly hash: string;
  /** Hash of the key alone: the same whatever code makes it. */
  readonly origin: string;
  readonly folder: string;

  /** `code`: hashes of the code that makes it. */
  constructor(
    root: string,
    readonly kind: string,
    readonly key: JsonObject,
    readonly code: JsonObject,
    readonly rows: number,
    private readonly suffix: 'jsonl' | 'safetensors',
  ) {
    this.origin = jsonHash({ kind, key });
    this.hash = jsonHash({ kind, key, code });
    this.folder = join(root, 'artifacts', kind, this.hash);
  }

  get shards(): number {
    return Math.ceil(this.rows / SHARD_ROWS);
  }

  /** Rows in shard i. */
  rowsIn(shard: number): number {
    return Math.min(SHARD_ROWS, this.rows - shard * SHARD_ROWS);
  }

  file(shard: number): string {
    return join(this.folder, `${String(shard).padStart(5, '0')}.${this.suffix}`);
  }

  /** The shards that do not exist yet. */
  async missing(): Promise<readonly number[]> {
    // no folder yet: no shard exists
    const existing = new Set(await readdir(this.folder).catch(() => []));
    return Array.from({ length: this.shards }, (_, i) => i).filter(
      (i) => !existing.has(basename(this.file(i))),
    );
  }

  /** Hash of the servers that were asked for the rows; null if none was recorded. */
  async readServers(): Promise<string | null> {
    return await readFile(this.#serversFile, 'utf8').catch(() => null);
  }

  /** Records which servers were asked for the rows. */
  async writeServers(servers: string): Promise<void> {
    await writeAtomic(this.#serversFile, servers);
  }

  get #serversFile(): string {
    return join(this.folder, 'servers.txt');
  }

  /** Writes the inputs of the artifact next to it, for `cache explain` and for people. */
  async describe(): Promise<void> {
    const { kind, key, origin, code, rows } = this;
    await writeAtomic(
      join(this.folder, 'key.json'),
      `${JSON.stringify(JSON.parse(canonicalJson({ kind, key, origin, code, rows })), null, 2)}\n`,
    );
  }

  /** Writes JSON rows, one a line, and a last line with their checksum. */
  async writeRows(shard: number, rows: readonly object[]): Promise<void> {
    // without secrets first: the checksum is that of what is written
    const text = redact(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await writeAtomic(this.file(shard), `${text}${checksumLine(text)}`);
  }

  /**
   * JSON rows of a shard.
   * @throws HarnessError RXB5003 if the file is missing, RXB5001 if it is damaged.
   */
  async readRows<Row>(shard: number): Promise<readonly Row[]> {
    const file = this.file(shard);
    const bytes = await readRegular(file).catch((cause: unknown) =>
      Promise.reject(
        isMissing(cause)
          ? new StorageError('notPrepared', { what: this.kind, file }, { cause })
          : this.#damaged(file, getErrorMessage(cause), cause),
      ),
    );
    const end = bytes.lastIndexOf('\n', -2) + 1;
    const lines = bytes.toString('utf8', 0, end).split('\n');
    lines.pop();
    if (bytes.toString('utf8', end) !== checksumLine(bytes.subarray(0, end)))
      throw this.#damaged(file, 'its rows do not have the checksum in its last line');
    if (lines.length !== this.rowsIn(shard))
      throw this.#damaged(file, `it has ${lines.length} rows instead of ${this.rowsIn(shard)}`);
    // the checksum shows that these are the bytes which code of this version wrote for this key
    // eslint-disable-next-line local/no-asserted-data
    return lines.map((line) => JSON.parse(line) as Row);
  }

  /** Whether the text of a shard of JSON rows contains some text: much faster than reading rows. */
  async contains(shard: number, text: string): Promise<boolean> {
    return (await readFile(this.file(shard))).includes(text);
  }

  /** Shards of JSON rows that contain a row for which `is` is true. */
  async shardsWith<Row>(is: (row: Row) => boolean): Promise<readonly number[]> {
    const missing = new Set(await this.missing());
    const found: number[] = [];
    for (let shard = 0; shard < this.shards; shard++)
      if (!missing.has(shard) && (await this.readRows<Row>(shard)).some(is)) found.push(shard);
    return found;
  }

  /** Shards of tensor rows that contain a row without a value. */
  async shardsWithGaps(): Promise<readonly number[]> {
    const missing = new Set(await this.missing());
    const found: number[] = [];
    for (let shard = 0; shard < this.shards; shard++) {
      if (missing.has(shard)) continue;
      const file = await this.openTensors(shard);
      try {
        if ((await file.bytes('present')).includes(0)) found.push(shard);
      } finally {
        await file.close();
      }
    }
    return found;
  }

  /** Why rows of a shard of tensors have no value; empty where all have one. */
  async readFailures(shard: number): Promise<readonly RowFailure[]> {
    const file = await this.openTensors(shard);
    let present: Uint8Array;
    try {
      present = await file.bytes('present');
    } finally {
      await file.close();
    }
    if (!present.includes(0)) return [];
    const stored = this.#parseFailures(shard, file.metadata['failures']);
    const known = new Map(stored.map((failure) => [failure.row, failure]));
    return [...present.keys()]
      .filter((row) => present[row] === 0)
      .map((row) => known.get(row) ?? { row, code: 'unknown', message: 'no reason was stored' });
  }

  #parseFailures(shard: number, text = '[]'): readonly RowFailure[] {
    try {
      return Failures.parse(JSON.parse(text));
    } catch (cause) {
      throw this.#damaged(this.file(shard), 'its reasons have another form', cause);
    }
  }

  #damaged(file: string, problem: string, cause?: unknown): HarnessError {
    return new StorageError('damagedArtifact', { file, problem }, { cause });
  }

  /**
   * Writes rows of tensors of equal width; null rows have no value and are marked. Why they have
   * none is in the metadata. `tokens`: what each row took, as {@link readTokens} returns it.
   */
  async writeTensorRows(
    shard: number,
    rows: readonly (Float32Array | null)[],
    shape: readonly number[],
    failures: readonly RowFailure[] = [],
    tokens: Float32Array | null = null,
  ): Promise<void> {
    const width = shapeSize(shape);
    const values = new Float32Array(rows.length * width);
    const present = new Uint8Array(rows.length);
    rows.forEach((row, i) => {
      if (row === null) return;
      values.set(row, i * width);
      present[i] = 1;
    });
    await writeSafetensors(
      this.file(shard),
      {
        values: { shape: [rows.length, ...shape], data: values },
        present: { shape: [rows.length], data: present },
        ...(tokens === null
          ? {}
          : { tokens: { shape: [rows.length, TOKEN_COUNTS.length], data: tokens } }),
      },
      failures.length === 0 ? {} : { failures: JSON.stringify(failures) },
    );
  }

  /**
   * Which rows of tensors have a value (1), and the numbers of {@link TOKEN_COUNTS} of each; null
   * where none were stored.
   */
  async readTokens(
    shard: number,
  ): Promise<{ readonly present: Uint8Array; readonly tokens: Float32Array | null }> {
    const file = await this.openTensors(shard);
    try {
      return {
        present: await file.bytes('present'),
        tokens: file.names.includes('tokens') ? await file.floats('tokens') : null,
      };
    } finally {
      await file.close();
    }
  }

  /**
   * Opens a shard of tensor rows.
   * @throws HarnessError RXB5003 if the file is missing, RXB5001 if it is damaged.
   */
  async openTensors(shard: number): Promise<SafetensorsFile> {
    const file = this.file(shard);
    await access(file).catch((cause: unknown) =>
      Promise.reject(new StorageError('notPrepared', { what: this.kind, file }, { cause })),
    );
    const opened = await SafetensorsFile.open(file);
    const rows = opened.shape('values')[0];
    const marks = opened.shape('present')[0];
    if (rows !== this.rowsIn(shard) || marks !== rows) {
      await opened.close();
      throw this.#damaged(file, `it has ${String(rows)} rows instead of ${this.rowsIn(shard)}`);
    }
    return opened;
  }
}

/**
 * One artifact: rows in shards of equal length under results/artifacts/<kind>/<hash of all inputs>.
 */
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { canonicalJson, jsonHash } from '../core/util/canonical-json.js';
import type { JsonObject } from '../core/util/json.js';
import { writeAtomic } from './atomic.js';
import { SafetensorsFile, writeSafetensors } from './safetensors.js';
import { shapeSize } from '../core/util/shape-size.js';
import { StorageError } from './errors.js';

/** Rows per shard: the unit of work, of resuming and of reading. */
export const SHARD_ROWS = 256;

/** What is stored of the requests for a row of tensors; −1 = not known. */
export const TOKEN_COUNTS = ['requests', 'prompt', 'cachedPrompt', 'completion'] as const;

/** A row that could not be made, by its position in the shard, and why. */
export interface RowFailure {
  readonly row: number;
  readonly code: string;
  readonly message: string;
}

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

  async writeRows(shard: number, rows: readonly object[]): Promise<void> {
    await writeAtomic(this.file(shard), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }

  /**
   * JSON rows of a shard.
   * @throws HarnessError RXB5003 if the file is missing, RXB5001 if it is damaged.
   */
  async readRows<Row>(shard: number): Promise<readonly Row[]> {
    const file = this.file(shard);
    const text = await readFile(file, 'utf8').catch((cause: unknown) =>
      Promise.reject(new StorageError('notPrepared', { what: this.kind, file }, { cause })),
    );
    const lines = text.split('\n');
    const damaged = (problem: string, cause?: unknown): HarnessError =>
      new StorageError('damagedArtifact', { file, problem }, { cause });
    if (lines.pop() !== '' || lines.length !== this.rowsIn(shard))
      throw damaged(`it has ${lines.length} complete rows instead of ${this.rowsIn(shard)}`);
    return lines.map((line, i) => {
      try {
        return JSON.parse(line) as Row;
      } catch (cause) {
        throw damaged(`line ${i + 1} is not JSON (${getErrorMessage(cause)})`, cause);
      }
    });
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
    const text = await readFile(this.#failuresFile(shard), 'utf8').catch(() => '[]');
    const stored = JSON.parse(text) as readonly RowFailure[];
    const known = new Map(stored.map((failure) => [failure.row, failure]));
    return [...present.keys()]
      .filter((row) => present[row] === 0)
      .map((row) => known.get(row) ?? { row, code: 'unknown', message: 'no reason was stored' });
  }

  #failuresFile(shard: number): string {
    return join(this.folder, `${String(shard).padStart(5, '0')}.failures.json`);
  }

  /**
   * Writes rows of tensors of equal width; null rows have no value and are marked. Why they have
   * none is in a file of its own. `tokens`: what each row took, as {@link readTokens} returns it.
   */
  async writeTensorRows(
    shard: number,
    rows: readonly (Float32Array | null)[],
    shape: readonly number[],
    failures: readonly RowFailure[] = [],
    tokens: Float32Array | null = null,
  ): Promise<void> {
    if (failures.length > 0)
      await writeAtomic(this.#failuresFile(shard), `${JSON.stringify(failures)}\n`);
    else await rm(this.#failuresFile(shard), { force: true });
    const width = shapeSize(shape);
    const values = new Float32Array(rows.length * width);
    const present = new Uint8Array(rows.length);
    rows.forEach((row, i) => {
      if (row === null) return;
      values.set(row, i * width);
      present[i] = 1;
    });
    await writeSafetensors(this.file(shard), {
      values: { shape: [rows.length, ...shape], data: values },
      present: { shape: [rows.length], data: present },
      ...(tokens === null
        ? {}
        : { tokens: { shape: [rows.length, TOKEN_COUNTS.length], data: tokens } }),
    });
  }

  /** The numbers of {@link TOKEN_COUNTS} of each row of tensors; null where none were stored. */
  async readTokens(shard: number): Promise<Float32Array | null> {
    const file = await this.openTensors(shard);
    try {
      return file.names.includes('tokens') ? await file.floats('tokens') : null;
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
    if (rows !== this.rowsIn(shard)) {
      await opened.close();
      throw new StorageError('damagedArtifact', {
        file,
        problem: `it has ${String(rows)} rows instead of ${this.rowsIn(shard)}`,
      });
    }
    return opened;
  }
}

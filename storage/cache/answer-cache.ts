/** Replies to paid calls on disk: no run pays twice for the same call. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import type { CallRecord, Outcome } from '../../core/contracts.js';
import { getErrorMessage } from '../../core/errors.js';
import { seededRandom } from '../../core/util/random.js';
import { listSegments } from './cache-names.js';
import { callKey, type CallParts } from './call-key.js';
import { packed, unpacked } from './packed.js';
import { segmentLines, SegmentWriter } from './segment.js';
import { StorageError } from '../errors.js';
import { makeFolder } from '../make-folder.js';
import { claimFolder } from '../owned-folder.js';

/** One line of the cache. */
export interface CacheEntry extends CallParts {
  readonly key: string;
  /** Time of the reply. */
  readonly at: string;
  readonly value: unknown;
  readonly call: CallRecord | null;
}

/** Positions are one number: segment × this + byte. */
const SPAN = 2 ** 40;
const READ_BYTES = 4096;

/**
 * Folder of a model's segments: the first digits of its fingerprint.
 * @internal Exported for its tests.
 */
export const modelFolder = (root: string, fingerprint: string): string =>
  join(root, fingerprint.slice(0, 24));

/** File of the lock of a model's replies. */
export const lockFile = (root: string, fingerprint: string): string =>
  `${modelFolder(root, fingerprint)}.lock`;

/**
 * The replies of one model. Only keys and positions are kept in memory: about 100 bytes per reply.
 */
class ModelReplies {
  readonly #positions = new Map<string, number>();
  // opened once, even if several callers ask at the same time
  readonly #files: (Promise<FileHandle> | undefined)[] = [];
  readonly #names: string[] = [];
  #writer: Promise<SegmentWriter> | undefined;
  #writtenSegment = -1;
  /** Bytes of each segment that are in the index. */
  readonly #indexed = new Map<string, number>();

  constructor(private readonly folder: string) {}

  /** Reads what is new on disk; other processes may have written since. */
  async load(): Promise<this> {
    for (const name of await listSegments(this.folder)) {
      const known = this.#names.indexOf(name);
      if (known >= 0 && known === this.#writtenSegment) continue;
      const file = join(this.folder, name);
      const { size } = await stat(file);
      if (this.#indexed.get(name) === size) continue;
      this.#indexed.set(name, size);
      const segment = known >= 0 ? known : this.#names.push(name) - 1;
      for await (const { start, bytes } of segmentLines(file)) {
        const key = parseKey(bytes);
        if (key !== undefined) this.#positions.set(key, segment * SPAN + start);
      }
    }
    return this;
  }

  async find(key: string): Promise<CacheEntry | undefined> {
    const position = this.#positions.get(key);
    if (position === undefined) return undefined;
    const segment = Math.floor(position / SPAN);
    const file = await (this.#files[segment] ??= open(
      join(this.folder, this.#names[segment] as string),
      'r',
    ));
    let bytes = Buffer.alloc(0);
    for (let offset = position % SPAN; ; offset += READ_BYTES) {
      const part = Buffer.alloc(READ_BYTES);
      const { bytesRead } = await file.read(part, 0, READ_BYTES, offset);
      const end = part.subarray(0, bytesRead).indexOf(10);
      bytes = Buffer.concat([bytes, part.subarray(0, end < 0 ? bytesRead : end)]);
      if (end >= 0) return JSON.parse(bytes.toString('utf8')) as CacheEntry;
      // another process has truncated the segment: the call is made again
      if (bytesRead === 0) return undefined;
    }
  }

  async add(entry: CacheEntry): Promise<void> {
    const writer = await (this.#writer ??= this.#begin());
    this.#positions.set(
      entry.key,
      this.#writtenSegment * SPAN + (await writer.append(JSON.stringify(entry))),
    );
  }

  async close(): Promise<void> {
    await (await this.#writer?.catch(() => undefined))?.close();
    await Promise.all(
      this.#files.map(async (file) => await (await file?.catch(() => undefined))?.close()),
    );
  }

  async #begin(): Promise<SegmentWriter> {
    await claimFolder(dirname(this.folder), 'cache');
    await makeFolder(this.folder).catch((cause: unknown) =>
      Promise.reject(
        new StorageError(
          'writeFailed',
          { file: this.folder, problem: getErrorMessage(cause) },
          { cause },
        ),
      ),
    );
    const now = new Date().toISOString().replace(/[:.]/g, '-');
    const name = `${now}-${pid}-${seededRandom(`${now}/${performance.now()}/${pid}`).int(0, 1e9)}.jsonl`;
    this.#writtenSegment = this.#names.push(name) - 1;
    return await SegmentWriter.create(join(this.folder, name));
  }
}

/** Lines begin with their key, so that the index needs no parsing. */
const parseKey = (bytes: Buffer): string | undefined =>
  /^\{"key":"([0-9a-f]{24})"/.exec(bytes.toString('latin1', 0, 40))?.[1];

/** Replies to paid calls, by everything that decides them. Failures are never stored. */
export class AnswerCache {
  readonly #models = new Map<string, Promise<ModelReplies>>();

  constructor(readonly root: string) {}

  /** The reply to an earlier call. */
  async find(parts: CallParts): Promise<Outcome<unknown> | undefined> {
    const entry = await (await this.#model(parts.model)).find(callKey(parts));
    if (entry === undefined) return undefined;
    return {
      ok: true,
      value: unpacked(entry.value),
      ...(entry.call === null ? {} : { call: entry.call }),
    };
  }

  /** Stores a reply. */
  async add(parts: CallParts, outcome: Outcome<unknown>): Promise<void> {
    if (!outcome.ok) return;
    await (
      await this.#model(parts.model)
    ).add({
      key: callKey(parts),
      at: new Date().toISOString(),
      ...parts,
      value: packed(outcome.value),
      call: outcome.call ?? null,
    });
  }

  /** Finds replies that other processes have stored since. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#models.values()].map(async (model) => await (await model).load()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#models.values()].map(async (model) => await (await model).close()));
    this.#models.clear();
  }

  #model(fingerprint: string): Promise<ModelReplies> {
    const known = this.#models.get(fingerprint);
    if (known !== undefined) return known;
    const opened = new ModelReplies(modelFolder(this.root, fingerprint)).load();
    this.#models.set(fingerprint, opened);
    return opened;
  }
}

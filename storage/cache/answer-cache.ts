/** Replies to paid calls on disk: no run pays twice for the same call. */
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import type { Outcome } from '../../core/contracts.js';
import { getErrorMessage } from '../../core/errors.js';
import { jsonHash } from '../../core/util/canonical-json.js';
import { seededRandom } from '../../core/util/random.js';
import { isSealed, listSegments, MODEL_FOLDER } from './cache-names.js';
import { callKey, type CallParts } from './call-key.js';
import { sealEntry, isIntact, parseEntry, type CacheEntry } from './entry.js';
import { packed, unpacked } from './packed.js';
import { segmentLines, SegmentWriter } from './segment.js';
import { StorageError } from '../errors.js';
import { makeFolder } from '../make-folder.js';
import { claimFolder } from '../owned-folder.js';

/** Lines of a segment that are damaged. */
export interface Damage {
  readonly file: string;
  readonly lines: number;
  /** Number of the first, from 1. */
  readonly first: number;
}

/** Positions are one number: segment × this + byte. */
const SPAN = 2 ** 40;
const READ_BYTES = 4096;

/**
 * Folder of a model's segments: the first digits of its fingerprint, or of its hash where a backend
 * gives other characters, which could lead anywhere.
 * @internal Exported for its tests.
 */
export function modelFolder(root: string, fingerprint: string): string {
  const digits = fingerprint.slice(0, 24);
  return join(root, MODEL_FOLDER.test(digits) ? digits : jsonHash(fingerprint));
}

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

  constructor(
    private readonly folder: string,
    private readonly onDamage: (damage: Damage) => void,
  ) {}

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
      await this.#index(file, segment);
    }
    return this;
  }

  async #index(file: string, segment: number): Promise<void> {
    const sealed = isSealed(file);
    let [number, damaged, first] = [0, 0, 0];
    for await (const { start, bytes } of segmentLines(file)) {
      number++;
      const key = sealed && isIntact(bytes) ? parseKey(bytes) : parseEntry(bytes, sealed)?.key;
      if (key !== undefined) this.#positions.set(key, segment * SPAN + start);
      else if (++damaged === 1) first = number;
    }
    if (damaged > 0) this.onDamage({ file, lines: damaged, first });
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
      if (end >= 0) {
        const entry = parseEntry(bytes, isSealed(this.#names[segment] as string));
        return entry?.key === key ? entry : undefined; // changed since it was indexed
      }
      // another process has truncated the segment: the call is made again
      if (bytesRead === 0) return undefined;
    }
  }

  async add(key: string, line: string): Promise<void> {
    const writer = await (this.#writer ??= this.#begin());
    this.#positions.set(key, this.#writtenSegment * SPAN + (await writer.append(line)));
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
    const name = `${now}-${pid}-${seededRandom(`${now}/${performance.now()}/${pid}`).int(0, 1e9)}.sums.jsonl`;
    this.#writtenSegment = this.#names.push(name) - 1;
    return await SegmentWriter.create(join(this.folder, name));
  }
}

/** Lines begin with their key, so that the index needs no parsing. */
const parseKey = (bytes: Buffer): string | undefined =>
  /^\{"key":"([0-9a-f]{24})"/.exec(bytes.toString('latin1', 0, 40))?.[1];

const getOutcome = ({ value, call }: CacheEntry): Outcome<unknown> => ({
  ok: true,
  value: unpacked(value),
  ...(call === null ? {} : { call }),
});

/** Replies to paid calls, by everything that decides them. Failures are never stored. */
export class AnswerCache {
  readonly #models = new Map<string, Promise<ModelReplies>>();

  /** `onDamage` is told of damaged lines, once a file; their calls are made again. */
  constructor(
    readonly root: string,
    private readonly onDamage: (damage: Damage) => void = () => {},
  ) {}

  /** The reply to an earlier call. */
  async find(parts: CallParts): Promise<Outcome<unknown> | undefined> {
    const entry = await (await this.#model(parts.model)).find(callKey(parts));
    return entry === undefined ? undefined : getOutcome(entry);
  }

  /**
   * Stores a reply, and returns it as it will be found: without secrets. Failures are not stored.
   */
  async add<T>(parts: CallParts, outcome: Outcome<T>): Promise<Outcome<T>> {
    if (!outcome.ok) return outcome;
    const key = callKey(parts);
    const entry: CacheEntry = {
      key,
      at: new Date().toISOString(),
      ...parts,
      value: packed(outcome.value),
      call: outcome.call ?? null,
    };
    const { line, redacted } = sealEntry(entry);
    await (await this.#model(parts.model)).add(key, line);
    if (!redacted) return outcome;
    return getOutcome(parseEntry(Buffer.from(line), true) as CacheEntry) as Outcome<T>;
  }

  /** Finds replies that other processes have stored since. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#models.values()].map(async (model) => await (await model).load()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#models.values()].map(async (model) => await (await model).close()));
    this.#models.clear();
  }

  readonly #told = new Set<string>();
  readonly #tell = (damage: Damage): void => {
    if (this.#told.has(damage.file)) return;
    this.#told.add(damage.file);
    this.onDamage(damage);
  };

  #model(fingerprint: string): Promise<ModelReplies> {
    const known = this.#models.get(fingerprint);
    if (known !== undefined) return known;
    const opened = new ModelReplies(modelFolder(this.root, fingerprint), this.#tell).load();
    this.#models.set(fingerprint, opened);
    return opened;
  }
}

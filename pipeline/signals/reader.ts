/** Reads the stored signals of rows of one set from the disk. */
import type { Artifact } from '../../storage/artifact.js';
import { SHARD_ROWS } from '../../storage/artifact.js';
import type { SafetensorsFile } from '../../storage/safetensors.js';
import { Lru } from '../util/lru.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignal } from '../../core/signals/table.js';
import type { TakeNumbers } from './row-memory.js';

/** A request, where it is stored, and how a row of it looks. */
export interface StoredSignal {
  readonly request: SignalRequest;
  readonly artifact: Artifact;
  /** Shape of a tensor row; null for texts. */
  readonly shape: readonly number[] | null;
  /** The samples that it is made from; null for signals that are made from queries. */
  readonly samples: StoredSignal | null;
}

interface OpenShard {
  readonly file: SafetensorsFile;
  readonly present: Uint8Array;
}

interface StoredText {
  readonly error?: object;
}

/** Shards held open or parsed at once, for each signal. */
const OPEN_SHARDS = 64;

/** Reads rows by their number in the set. Not for concurrent use: one reader a consumer. */
export class SignalReader {
  readonly #signals: readonly StoredSignal[];
  readonly #tensors: Lru<OpenShard>;
  readonly #texts: Lru<readonly StoredText[]>;

  constructor(signals: readonly StoredSignal[]) {
    this.#signals = signals;
    this.#tensors = new Lru(OPEN_SHARDS * signals.length, ({ file }) => file.close());
    this.#texts = new Lru(OPEN_SHARDS * signals.length);
  }

  /**
   * The `signals` object of a row, or null where one of them could not be had. With `take`, stored
   * numbers are read synchronously into memory that it gives.
   */
  async row(index: number, take?: TakeNumbers): Promise<Readonly<Record<string, unknown>> | null> {
    const out: Record<string, unknown> = {};
    for (const signal of this.#signals) {
      const value =
        signal.shape === null
          ? await this.#text(signal, index)
          : await this.#tensor(signal, signal.shape, index, take);
      if (value === null) return null;
      out[signal.request.key] = value;
    }
    return out;
  }

  /** Whether a row has all its signals. */
  async has(index: number): Promise<boolean> {
    for (const signal of this.#signals) {
      const there =
        signal.shape === null
          ? (await this.#textRow(signal, index)).error === undefined
          : (await this.#shard(signal, index)).present[index % SHARD_ROWS] === 1;
      if (!there) return false;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#tensors.clear();
    await this.#texts.clear();
  }

  async #shard({ artifact }: StoredSignal, index: number): Promise<OpenShard> {
    const shard = Math.floor(index / SHARD_ROWS);
    return await this.#tensors.get(artifact.file(shard), async () => {
      const file = await artifact.openTensors(shard);
      return { file, present: await file.bytes('present') };
    });
  }

  async #tensor(
    signal: StoredSignal,
    shape: readonly number[],
    index: number,
    take: TakeNumbers | undefined,
  ): Promise<unknown> {
    const { file, present } = await this.#shard(signal, index);
    const row = index % SHARD_ROWS;
    if (present[row] !== 1) return null;
    const values =
      take === undefined ? await file.rows('values', row, 1) : file.rowSync('values', row, take);
    return getSignal(signal.request).numbers?.join({ shape, values });
  }

  async #textRow({ artifact }: StoredSignal, index: number): Promise<StoredText> {
    const shard = Math.floor(index / SHARD_ROWS);
    const rows = await this.#texts.get(artifact.file(shard), () =>
      artifact.readRows<StoredText>(shard),
    );
    return rows[index % SHARD_ROWS] as StoredText;
  }

  async #text(signal: StoredSignal, index: number): Promise<unknown> {
    const row = await this.#textRow(signal, index);
    return row.error === undefined ? getSignal(signal.request).readRow?.(row as never) : null;
  }
}

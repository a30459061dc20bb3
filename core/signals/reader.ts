/** Reads the stored signals of rows of one set, where they lie on the disk. */
import type { Artifact } from '../store/artifact.js';
import { SHARD_ROWS } from '../store/artifact.js';
import type { SafetensorsFile } from '../store/safetensors.js';
import { Lru } from '../util/lru.js';
import type { SignalRequest } from './requests.js';

/** A request, where it is stored, and how a row of it looks. */
export interface StoredSignal {
  readonly request: SignalRequest;
  readonly artifact: Artifact;
  /** Shape of a tensor row; null for texts. */
  readonly shape: readonly number[] | null;
}

interface OpenShard {
  readonly file: SafetensorsFile;
  readonly present: Uint8Array;
}

/** Shards held open or parsed at once, for each signal. */
const OPEN_SHARDS = 64;

/** Reads rows by their number in the set. Not for concurrent use: one reader a consumer. */
export class SignalReader {
  readonly #signals: readonly StoredSignal[];
  readonly #tensors = new Lru<OpenShard>(OPEN_SHARDS, ({ file }) => file.close());
  readonly #texts = new Lru<readonly object[]>(OPEN_SHARDS);

  constructor(signals: readonly StoredSignal[]) {
    this.#signals = signals;
  }

  /** The `signals` object of a row, or null where one of them could not be had. */
  async row(index: number): Promise<Readonly<Record<string, unknown>> | null> {
    const out: Record<string, unknown> = {};
    for (const signal of this.#signals) {
      const value = signal.shape === null ? await this.#text(signal, index) : await this.#tensor(signal, signal.shape, index);
      if (value === null) return null;
      out[signal.request.key] = value;
    }
    return out;
  }

  async close(): Promise<void> {
    await this.#tensors.clear();
    await this.#texts.clear();
  }

  async #tensor({ request, artifact }: StoredSignal, shape: readonly number[], index: number): Promise<unknown> {
    const shard = Math.floor(index / SHARD_ROWS);
    const { file, present } = await this.#tensors.get(artifact.file(shard), async () => {
      const opened = await artifact.openTensors(shard);
      return { file: opened, present: await opened.bytes('present') };
    });
    const at = index % SHARD_ROWS;
    if (present[at] !== 1) return null;
    const values = await file.rows('values', at, 1);
    return request.kind === 'hidden-states' ? { layers: shape[0], dim: shape[1], values } : values;
  }

  async #text({ request, artifact }: StoredSignal, index: number): Promise<unknown> {
    const shard = Math.floor(index / SHARD_ROWS);
    const rows = await this.#texts.get(artifact.file(shard), () => artifact.readRows<object>(shard));
    const row = rows[index % SHARD_ROWS] as { readonly error?: object; readonly text?: string; readonly tokenLogprobs?: readonly number[]; readonly texts?: readonly object[] };
    if (row.error !== undefined) return null;
    if (request.kind === 'answer') return { text: row.text, tokenLogprobs: row.tokenLogprobs };
    return request.kind === 'samples' ? row.texts : row.texts?.[0];
  }
}

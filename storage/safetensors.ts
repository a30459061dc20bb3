/**
 * The safetensors format: 8-byte little-endian header length, JSON header, raw data.
 * https://github.com/huggingface/safetensors
 */
import { readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './util/half-precision.js';

export { float16ToFloat32 };
import { writeAtomic } from './atomic.js';
import { shapeSize } from '../core/util/shape-size.js';
import { StorageError } from './errors.js';
import {
  MOST_HEADER_BYTES,
  parseHeader,
  type HeaderEntry,
  type SafetensorsHeader,
} from './safetensors-header.js';

/** A tensor in the file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

/** Bytes per number of the types that are read as floats. */
const FLOAT_BYTES: Readonly<Record<string, number>> = { F32: 4, F16: 2, BF16: 2 };

const toBytes = (data: Float32Array | Uint8Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const widened = (dtype: string, halves: Uint16Array | null, out: Float32Array): Float32Array => {
  if (halves === null) return out;
  return dtype === 'BF16' ? bfloat16ToFloat32(halves, out) : float16ToFloat32(halves, out);
};

/** Writes tensors (F32 or U8) and string metadata, atomically. */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = {
    __metadata__: metadata,
  };
  let end = 0;
  // Wide types first, so that every tensor starts on a multiple of its width.
  const ordered = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  for (const [name, { shape, data }] of ordered) {
    header[name] = {
      dtype: data instanceof Float32Array ? 'F32' : 'U8',
      shape,
      data_offsets: [end, end + data.byteLength],
    };
    end += data.byteLength;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const json = Buffer.from(text);
  const lead = Buffer.alloc(8);
  lead.writeBigUInt64LE(BigInt(json.length));
  // in parts: a copy of all tensors would need as much memory again
  await writeAtomic(file, [lead, json, ...ordered.map(([, { data }]) => toBytes(data))]);
}

async function readHeader(
  handle: FileHandle,
  damaged: (problem: string) => HarnessError,
): Promise<{ readonly length: number; readonly text: string; readonly size: number }> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw damaged('it is not a regular file');
  const { size } = stats;
  const lead = Buffer.alloc(8);
  await handle.read(lead, 0, 8, 0);
  const length = Number(lead.readBigUInt64LE());
  if (size < 8 || length > size - 8) throw damaged(`it ends inside its header (${size} bytes)`);
  if (length > MOST_HEADER_BYTES) throw damaged(`its header has ${length} bytes`);
  const text = Buffer.alloc(length);
  await handle.read(text, 0, length, 8);
  return { length, text: text.toString('utf8'), size };
}

/** An open safetensors file; rows are read in place. */
export class SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #start: number;
  readonly #entries: ReadonlyMap<string, HeaderEntry>;

  private constructor(
    file: string,
    handle: FileHandle,
    start: number,
    { metadata, entries }: SafetensorsHeader,
  ) {
    this.#file = file;
    this.#handle = handle;
    this.#start = start;
    this.metadata = metadata;
    this.#entries = entries;
  }

  /**
   * Opens a file and checks the header against its length; `opened`: the file, where it is open
   * already.
   * @throws HarnessError RXB5001 for a damaged file
   */
  static async open(file: string, opened?: FileHandle): Promise<SafetensorsFile> {
    const damaged = (problem: string, cause?: unknown): HarnessError =>
      new StorageError('damagedArtifact', { file, problem }, { cause });
    const handle: FileHandle =
      opened ??
      (await open(file, 'r').catch((cause: unknown) => {
        throw damaged(getErrorMessage(cause), cause);
      }));
    try {
      const { length, text, size } = await readHeader(handle, damaged);
      const header = parseHeader(text, size - 8 - length);
      if (typeof header === 'string') throw damaged(header);
      return new SafetensorsFile(file, handle, 8 + length, header);
    } catch (error) {
      await handle.close();
      throw error instanceof HarnessError ? error : damaged(getErrorMessage(error), error);
    }
  }

  /** Names of the tensors. */
  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  shape(name: string): readonly number[] {
    return this.#entry(name).shape;
  }

  /** Rows [first, first + count) of a tensor of floats, along its first axis. */
  async rows(name: string, first: number, count: number): Promise<Float32Array> {
    const width = shapeSize(this.shape(name).slice(1));
    return await this.#floats(name, first * width, count * width);
  }

  /**
   * One such row, in memory from `take`, read synchronously: another thread takes longer than
   * reading what the system has in memory.
   */
  rowSync(name: string, row: number, take: (count: number) => Float32Array): Float32Array {
    const width = shapeSize(this.shape(name).slice(1));
    const { dtype, halves, bytes, out } = this.#prepareBuffer(name, width, take);
    for (
      let done = 0,
        position = this.#computeOffset(name, dtype, row * bytes.byteLength, bytes.byteLength);
      done < bytes.byteLength;
    ) {
      const read = readSync(this.#handle.fd, bytes, done, bytes.byteLength - done, position + done);
      if (read === 0)
        throw new StorageError('damagedArtifact', {
          file: this.#file,
          problem: `"${name}" ends early`,
        });
      done += read;
    }
    return widened(dtype, halves, out);
  }

  /** A whole tensor of floats; half precision (F16, BF16) is widened. */
  async floats(name: string): Promise<Float32Array> {
    return await this.#floats(name, 0, shapeSize(this.shape(name)));
  }

  async #floats(name: string, first: number, count: number): Promise<Float32Array> {
    const { dtype, halves, bytes, out } = this.#prepareBuffer(
      name,
      count,
      (numbers) => new Float32Array(numbers),
    );
    await this.#read(name, dtype, bytes, count === 0 ? 0 : (first * bytes.byteLength) / count);
    return widened(dtype, halves, out);
  }

  /**
   * The buffer into which floats of a type are read: halves are at the end of the space of their
   * result, so that widening from the front overwrites none before it is read.
   */
  #prepareBuffer(
    name: string,
    count: number,
    take: (count: number) => Float32Array,
  ): {
    readonly dtype: string;
    readonly halves: Uint16Array | null;
    readonly bytes: Uint8Array;
    readonly out: Float32Array;
  } {
    const { dtype } = this.#entry(name);
    const width = FLOAT_BYTES[dtype];
    if (width === undefined)
      throw new StorageError('damagedArtifact', {
        file: this.#file,
        problem: `"${name}" is ${dtype}, which is not a floating-point type`,
      });
    const out = take(count);
    const position = out.byteOffset + out.byteLength - out.length * width;
    return {
      dtype,
      halves: width === 4 ? null : new Uint16Array(out.buffer, position, out.length),
      bytes: new Uint8Array(out.buffer, position, out.length * width),
      out,
    };
  }

  /** A whole tensor of bytes. */
  async bytes(name: string): Promise<Uint8Array> {
    this.#computeOffset(name, 'U8', 0, 0);
    const out = new Uint8Array(shapeSize(this.shape(name)));
    await this.#read(name, 'U8', out, 0);
    return out;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #entry(name: string): HeaderEntry {
    const entry = this.#entries.get(name);
    if (entry === undefined)
      throw new StorageError('damagedArtifact', {
        file: this.#file,
        problem: `it has no tensor "${name}"`,
      });
    return entry;
  }

  /** The position in the file of some of a tensor's bytes. */
  #computeOffset(name: string, dtype: string, offset: number, bytes: number): number {
    const entry = this.#entry(name);
    if (entry.dtype !== dtype)
      throw new StorageError('damagedArtifact', {
        file: this.#file,
        problem: `"${name}" is ${entry.dtype}, not ${dtype}`,
      });
    const [begin, end] = entry.data_offsets;
    if (begin + offset + bytes > end)
      throw new StorageError('damagedArtifact', {
        file: this.#file,
        problem: `"${name}" has the shape [${entry.shape.join(', ')}], and more was expected`,
      });
    return this.#start + begin + offset;
  }

  async #read(name: string, dtype: string, into: Uint8Array, offset: number): Promise<void> {
    const position = this.#computeOffset(name, dtype, offset, into.byteLength);
    let done = 0;
    while (done < into.byteLength) {
      const { bytesRead } = await this.#handle.read(
        into,
        done,
        into.byteLength - done,
        position + done,
      );
      if (bytesRead === 0)
        throw new StorageError('damagedArtifact', {
          file: this.#file,
          problem: `"${name}" ends early`,
        });
      done += bytesRead;
    }
  }
}

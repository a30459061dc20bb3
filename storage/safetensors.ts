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
import { redact } from './secrets/redact.js';
import { StorageError } from './errors.js';

/** A tensor in the file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint8Array;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
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
  let text = redact(JSON.stringify(header));
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const json = Buffer.from(text);
  const out = new Uint8Array(8 + json.length + end);
  new DataView(out.buffer).setBigUint64(0, BigInt(json.length), true);
  out.set(json, 8);
  let position = 8 + json.length;
  for (const [, { data }] of ordered) {
    out.set(toBytes(data), position);
    position += data.byteLength;
  }
  await writeAtomic(file, out);
}

/** An open safetensors file; rows are read in place. */
export class SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #start: number;
  readonly #entries: Readonly<Record<string, HeaderEntry>>;

  private constructor(
    file: string,
    handle: FileHandle,
    start: number,
    header: Record<string, unknown>,
  ) {
    this.#file = file;
    this.#handle = handle;
    this.#start = start;
    const { __metadata__: metadata, ...entries } = header;
    this.metadata = (metadata ?? {}) as Record<string, string>;
    this.#entries = entries as Record<string, HeaderEntry>;
  }

  /**
   * Opens a file and checks the header against its length.
   * @throws HarnessError RXB5001 for a damaged file
   */
  static async open(file: string): Promise<SafetensorsFile> {
    const damaged = (problem: string, cause?: unknown): HarnessError =>
      new StorageError('damagedArtifact', { file, problem }, { cause });
    const handle = await open(file, 'r').catch((cause: unknown) =>
      Promise.reject(damaged(getErrorMessage(cause), cause)),
    );
    try {
      const { size } = await handle.stat();
      const lead = Buffer.alloc(8);
      await handle.read(lead, 0, 8, 0);
      const length = Number(lead.readBigUInt64LE());
      if (size < 8 || length > size - 8) throw damaged(`it ends inside its header (${size} bytes)`);
      const text = Buffer.alloc(length);
      await handle.read(text, 0, length, 8);
      let header: Record<string, unknown>;
      try {
        header = JSON.parse(text.toString('utf8')) as Record<string, unknown>;
      } catch (cause) {
        throw damaged('its header is not JSON', cause);
      }
      const opened = new SafetensorsFile(file, handle, 8 + length, header);
      const wanted = Math.max(
        0,
        ...Object.values(opened.#entries).map((entry) => entry.data_offsets[1]),
      );
      if (size !== 8 + length + wanted)
        throw damaged(`it has ${size} bytes instead of ${8 + length + wanted}`);
      return opened;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Names of the tensors. */
  get names(): readonly string[] {
    return Object.keys(this.#entries);
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
    const { dtype, halves, bytes, out } = this.#prepareBuffer(name, take(width));
    for (
      let done = 0, position = this.#computeOffset(name, dtype, row * bytes.byteLength);
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
    const { dtype, halves, bytes, out } = this.#prepareBuffer(name, new Float32Array(count));
    await this.#read(name, dtype, bytes, count === 0 ? 0 : (first * bytes.byteLength) / count);
    return widened(dtype, halves, out);
  }

  /**
   * The buffer into which floats of a type are read: halves are at the end of the space of their
   * result, so that widening from the front overwrites none before it is read.
   */
  #prepareBuffer(
    name: string,
    out: Float32Array,
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
    const out = new Uint8Array(shapeSize(this.shape(name)));
    await this.#read(name, 'U8', out, 0);
    return out;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #entry(name: string): HeaderEntry {
    const entry = this.#entries[name];
    if (entry === undefined)
      throw new StorageError('damagedArtifact', {
        file: this.#file,
        problem: `it has no tensor "${name}"`,
      });
    return entry;
  }

  /** The position of a tensor's byte in the file. */
  #computeOffset(name: string, dtype: string, offset: number): number {
    const entry = this.#entry(name);
    if (entry.dtype !== dtype)
      throw new StorageError('damagedArtifact', {
        file: this.#file,
        problem: `"${name}" is ${entry.dtype}, not ${dtype}`,
      });
    return this.#start + entry.data_offsets[0] + offset;
  }

  async #read(name: string, dtype: string, into: Uint8Array, offset: number): Promise<void> {
    const position = this.#computeOffset(name, dtype, offset);
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

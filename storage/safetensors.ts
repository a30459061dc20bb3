/**
 * The safetensors format: 8-byte little-endian header length, JSON header, raw data.
 * https://github.com/huggingface/safetensors
 */
import { readSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { shapeSize } from '../core/util/shape-size.js';
import { writeAtomic } from './atomic.js';
import { StorageError } from './errors.js';
import { openRegular } from './regular-file.js';
import {
  checkHeader,
  checksum,
  getChecksums,
  HEADER_CHECKSUM,
  signHeader,
  tensorChecksums,
  type TensorChecksums,
} from './safetensors-checksums.js';
import {
  MOST_HEADER_BYTES,
  parseHeader,
  type HeaderEntry,
  type SafetensorsHeader,
} from './safetensors-header.js';
import { bfloat16ToFloat32, float16ToFloat32 } from './util/half-precision.js';

export { float16ToFloat32 };
import { redact } from './secrets/redact.js';

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

/**
 * Writes tensors (F32 or U8) and string metadata, atomically. Checksums of the header and of each
 * tensor are part of the metadata.
 */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  // Wide types first, so that every tensor starts on a multiple of its width.
  const ordered = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const checksums = ordered.map(([name, { shape, data }]) =>
    tensorChecksums(name, shape, toBytes(data)),
  );
  const header: Record<string, HeaderEntry | Readonly<Record<string, string>>> = {
    __metadata__: Object.assign({ ...HEADER_CHECKSUM }, metadata, ...checksums),
  };
  let end = 0;
  for (const [name, { shape, data }] of ordered) {
    header[name] = {
      dtype: data instanceof Float32Array ? 'F32' : 'U8',
      shape: [...shape],
      data_offsets: [end, end + data.byteLength],
    };
    end += data.byteLength;
  }
  let text = redact(JSON.stringify(header));
  text += ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8);
  const json = Buffer.from(text);
  signHeader(json);
  const lead = Buffer.alloc(8);
  lead.writeBigUInt64LE(BigInt(json.length));
  // in parts: a copy of all tensors would need as much memory again
  await writeAtomic(file, [lead, json, ...ordered.map(([, { data }]) => toBytes(data))]);
}

const damagedFile = (file: string, problem: string, cause?: unknown): HarnessError =>
  new StorageError('damagedArtifact', { file, problem }, { cause });

/** Reads the header of an open file and checks it against the file's length. */
async function readHeader(
  handle: FileHandle,
): Promise<{ readonly start: number; readonly header: SafetensorsHeader }> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw new Error('it is not a regular file');
  const { size } = stats;
  const lead = Buffer.alloc(8);
  await handle.read(lead, 0, 8, 0);
  const length = Number(lead.readBigUInt64LE());
  if (size < 8 || length > size - 8) throw new Error(`it ends inside its header (${size} bytes)`);
  if (length > MOST_HEADER_BYTES)
    throw new Error(`its header has ${length} bytes; at most ${MOST_HEADER_BYTES} are read`);
  const bytes = Buffer.alloc(length);
  await handle.read(bytes, 0, length, 8);
  const header = parseHeader(bytes.toString('utf8'));
  checkHeader(bytes, header.metadata, header.entries.keys());
  const start = 8 + length;
  if (size !== start + header.dataBytes)
    throw new Error(`it has ${size} bytes instead of ${start + header.dataBytes}`);
  return { start, header };
}

/** An open safetensors file; rows are read in place. */
export class SafetensorsFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #start: number;
  readonly #header: SafetensorsHeader;
  readonly #checksums = new Map<string, TensorChecksums>();
  /** Tensors whose bytes were compared as a whole. */
  readonly #verified = new Set<string>();

  private constructor(file: string, handle: FileHandle, start: number, header: SafetensorsHeader) {
    this.#file = file;
    this.#handle = handle;
    this.#start = start;
    this.#header = header;
  }

  /**
   * Opens a file and checks its header; `opened`: the file, where it is open already. What is read
   * later is compared with its checksum, where the file has checksums.
   * @throws HarnessError RXB5001 for a damaged file
   */
  static async open(file: string, opened?: FileHandle): Promise<SafetensorsFile> {
    const handle: FileHandle =
      opened ??
      (await openRegular(file).catch((cause: unknown) => {
        throw damagedFile(file, getErrorMessage(cause), cause);
      }));
    try {
      const { start, header } = await readHeader(handle);
      return new SafetensorsFile(file, handle, start, header);
    } catch (error) {
      await handle.close();
      throw damagedFile(file, getErrorMessage(error), error);
    }
  }

  /** The strings in the header, by name. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#header.metadata;
  }

  /** Names of the tensors. */
  get names(): readonly string[] {
    return [...this.#header.entries.keys()];
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
      if (read === 0) throw this.#damaged(`"${name}" ends early`);
      done += read;
    }
    this.#verify(name, row * bytes.byteLength, bytes);
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
      throw this.#damaged(`"${name}" is ${dtype}, which is not a floating-point type`);
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
    const entry = this.#header.entries.get(name);
    if (entry === undefined) throw this.#damaged(`it has no tensor "${name}"`);
    return entry;
  }

  /** The position in the file of some of a tensor's bytes. */
  #computeOffset(name: string, dtype: string, offset: number, bytes: number): number {
    const entry = this.#entry(name);
    if (entry.dtype !== dtype) throw this.#damaged(`"${name}" is ${entry.dtype}, not ${dtype}`);
    const [begin, end] = entry.data_offsets;
    if (begin + offset + bytes > end)
      throw this.#damaged(
        `"${name}" has the shape [${entry.shape.join(', ')}], and more was expected`,
      );
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
      if (bytesRead === 0) throw this.#damaged(`"${name}" ends early`);
      done += bytesRead;
    }
    this.#verify(name, offset, into);
  }

  /** Compares bytes of a tensor, read from `offset` on, with their checksums. */
  #verify(name: string, offset: number, bytes: Uint8Array): void {
    let checks = this.#checksums.get(name);
    if (checks === undefined) {
      const [from, to] = this.#entry(name).data_offsets;
      checks = getChecksums(this.metadata, name, to - from);
      this.#checksums.set(name, checks);
    }
    const { width, sums } = checks;
    if (sums.length === 0 || this.#verified.has(name)) return;
    if (!Number.isInteger(width)) throw this.#damaged(`"${name}" has ${sums.length} checksums`);
    const aligned = width > 0 && offset % width === 0 && bytes.length % width === 0;
    if (!aligned && width > 0) return this.#verifyWhole(name, width * sums.length);
    for (let at = 0; at < bytes.length; at += width)
      if (checksum(bytes.subarray(at, at + width)) !== sums[(offset + at) / width])
        throw this.#damaged(`"${name}" does not have its checksum`);
  }

  /** Rows of a tensor that has one checksum: its bytes are compared once. */
  #verifyWhole(name: string, length: number): void {
    const bytes = new Uint8Array(length);
    const start = this.#start + this.#entry(name).data_offsets[0];
    for (let done = 0, read = 1; done < length && read > 0; done += read)
      read = readSync(this.#handle.fd, bytes, done, length - done, start + done);
    this.#verify(name, 0, bytes);
    this.#verified.add(name);
  }

  #damaged(problem: string): HarnessError {
    return damagedFile(this.#file, problem);
  }
}

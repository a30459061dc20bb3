import { readSync } from 'node:fs';

/**
 * One field of a protobuf message: its number and either a small value or the position of its bytes
 * in the file.
 */
export type Field =
  | { readonly number: number; readonly value: number }
  | { readonly number: number; readonly start: number; readonly end: number };

const CHUNK = 16_384;
const MOST_TEXT_BYTES = 2 ** 20;

/**
 * Walks protobuf messages in a file without loading it: length-delimited fields are located, and
 * read only when their bytes are requested. So a few reads suffice for a model of gigabytes.
 * @throws RangeError if a field reaches past its end.
 */
export class ProtobufFile {
  #chunk = Buffer.alloc(0);
  #chunkStart = 0;

  constructor(
    private readonly descriptor: number,
    readonly size: number,
  ) {}

  /** The fields of the message between two byte positions. */
  *fields(start: number, end: number): Generator<Field> {
    let offset = start;
    while (offset < end) {
      const key = this.#varint(offset, end);
      const number = Math.floor(key.value / 8);
      const wire = key.value % 8;
      offset = key.next;
      if (wire === 0) {
        const { value, next } = this.#varint(offset, end);
        yield { number, value };
        offset = next;
      } else if (wire === 2) {
        const length = this.#varint(offset, end);
        const stop = length.next + length.value;
        if (stop > end)
          throw new RangeError(`it is cut short: byte ${stop} is missing, it has ${this.size}`);
        yield { number, start: length.next, end: stop };
        offset = stop;
      } else if (wire === 1 || wire === 5) {
        offset += wire === 1 ? 8 : 4;
        if (offset > end)
          throw new RangeError(`it is cut short: byte ${offset} is missing, it has ${this.size}`);
      } else {
        throw new RangeError(`it is not an ONNX file (byte ${offset})`);
      }
    }
  }

  /** The bytes of a length-delimited field as text. */
  text(field: { readonly start: number; readonly end: number }): string {
    const [from, to] = [field.start - this.#chunkStart, field.end - this.#chunkStart];
    // graphs contain thousands of short names
    if (from >= 0 && to <= this.#chunk.length) return this.#chunk.toString('utf8', from, to);
    if (field.end - field.start > MOST_TEXT_BYTES)
      throw new RangeError(`a name in it has ${field.end - field.start} bytes`);
    const bytes = Buffer.alloc(field.end - field.start);
    readSync(this.descriptor, bytes, 0, bytes.length, field.start);
    return bytes.toString('utf8');
  }

  #varint(start: number, end: number): { readonly value: number; readonly next: number } {
    let value = 0;
    let scale = 1;
    for (let offset = start; offset < end && offset < start + 10; offset++) {
      const byte = this.#byte(offset);
      value += (byte & 127) * scale;
      if (byte < 128) return { value, next: offset + 1 };
      scale *= 128;
    }
    throw new RangeError(`it is cut short or not an ONNX file (byte ${start} of ${this.size})`);
  }

  #byte(offset: number): number {
    const inside = offset - this.#chunkStart;
    if (inside >= 0 && inside < this.#chunk.length) return this.#chunk[inside]!;
    const bytes = Buffer.alloc(Math.min(CHUNK, this.size - offset));
    const read = readSync(this.descriptor, bytes, 0, bytes.length, offset);
    this.#chunk = bytes.subarray(0, read);
    this.#chunkStart = offset;
    if (read === 0) throw new RangeError(`it is cut short: byte ${offset} is missing`);
    return bytes[0]!;
  }
}

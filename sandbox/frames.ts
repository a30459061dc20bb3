/**
 * The frames of the plugin protocol (docs/plugins/protocol.md): four bytes, little-endian, with the
 * length of the header; the header, a JSON object in UTF-8; and, if the header has `bytes` and no
 * `at`, that many raw bytes.
 */

import { isObject } from '../core/util/json.js';

/** A header of a message, and the bytes that follow it. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

const LEAD = 4;
const EMPTY = new Uint8Array(0);

/** Maximum length of a header; the texts of a block of rows are much shorter. */
const MOST_HEADER_BYTES = 256 * 2 ** 20;
/** A header that is nested more deeply is refused before it is parsed. */
const MOST_DEPTH = 100;

/** The bytes of a frame, in parts, so that a long payload is not copied. */
export function frameParts(header: object, payload: Uint8Array = EMPTY): readonly Uint8Array[] {
  const json = Buffer.from(
    JSON.stringify(payload.byteLength === 0 ? header : { ...header, bytes: payload.byteLength }),
  );
  const lead = Buffer.alloc(LEAD);
  lead.writeUInt32LE(json.length);
  return payload.byteLength === 0 ? [lead, json] : [lead, json, payload];
}

/** Bytes that are being received into memory of the announced size. */
class Filling {
  #done = 0;
  readonly bytes: Uint8Array;

  constructor(length: number) {
    // its own buffer, so that typed arrays can view it
    this.bytes = new Uint8Array(new ArrayBuffer(length));
  }

  get isFull(): boolean {
    return this.#done === this.bytes.byteLength;
  }

  /** Takes what still fits; returns the rest. */
  add(piece: Uint8Array): Uint8Array {
    const part = piece.subarray(0, this.bytes.byteLength - this.#done);
    this.bytes.set(part, this.#done);
    this.#done += part.byteLength;
    return piece.subarray(part.byteLength);
  }
}

/**
 * Assembles frames from the chunks in which they arrive. A chunk is copied and not kept, so that
 * many small ones need no more memory than a large one.
 */
export class FrameReader {
  #part: 'lead' | 'header' | 'payload' = 'lead';
  #filling = new Filling(LEAD);
  #header: Frame['header'] = {};

  /** Maximum numbers of bytes that may follow a header, and of a header. */
  constructor(
    private readonly mostPayload: (header: Frame['header']) => number,
    private readonly mostHeader = MOST_HEADER_BYTES,
  ) {}

  /**
   * The frames that a further chunk completes.
   * @throws Error if the bytes are not a frame
   */
  push(piece: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    for (let rest = piece; rest.byteLength > 0;) {
      rest = this.#filling.add(rest);
      if (!this.#filling.isFull) continue;
      const frame = this.#advance(this.#filling.bytes);
      if (frame !== undefined) frames.push(frame);
    }
    return frames;
  }

  /** What follows bytes that are complete; returns the frame that they complete. */
  #advance(bytes: Uint8Array): Frame | undefined {
    if (this.#part === 'lead') {
      const length = Buffer.from(bytes).readUInt32LE();
      if (length < 2 || length > this.mostHeader)
        throw new Error(`it announced a header of ${length} bytes`);
      this.#expect('header', length);
      return undefined;
    }
    if (this.#part === 'payload') return this.#complete(bytes);
    this.#header = parsed(bytes);
    const announced = this.#countPayload();
    if (announced === 0) return this.#complete(EMPTY);
    this.#expect('payload', announced);
    return undefined;
  }

  #expect(part: 'lead' | 'header' | 'payload', length: number): void {
    this.#part = part;
    this.#filling = new Filling(length);
  }

  #complete(payload: Uint8Array): Frame {
    this.#expect('lead', LEAD);
    return { header: this.#header, payload };
  }

  #countPayload(): number {
    const header = this.#header;
    const inline = header['at'] === undefined ? (header['bytes'] ?? 0) : 0;
    if (
      typeof inline !== 'number' ||
      !Number.isSafeInteger(inline) ||
      inline < 0 ||
      (inline > 0 && inline > this.mostPayload(header))
    )
      throw new Error(`it announced ${String(inline)} bytes of data`);
    return inline;
  }
}

const [QUOTE, BACKSLASH, OPEN, CLOSE] = [0x22, 0x5c, [0x5b, 0x7b], [0x5d, 0x7d]];

/** @throws Error where JSON is nested too deeply to be handled safely */
function refuseDepth(bytes: Uint8Array): void {
  let depth = 0;
  let inText = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (inText && byte === BACKSLASH) i++;
    else if (byte === QUOTE) inText = !inText;
    else if (!inText && OPEN.includes(byte)) depth++;
    else if (!inText && CLOSE.includes(byte)) depth--;
    if (depth > MOST_DEPTH) throw new Error(`a header is nested more than ${MOST_DEPTH} deep`);
  }
}

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  refuseDepth(bytes);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    throw new Error(
      `a header is not JSON: ${JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString('latin1'))}`,
    );
  }
  if (!isObject(value)) throw new Error('a header is not a JSON object');
  return value;
}

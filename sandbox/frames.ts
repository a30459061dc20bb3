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

/** Assembles frames from the chunks in which they arrive. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #held = 0;
  #header: Readonly<Record<string, unknown>> | undefined;

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
    this.#pieces.push(piece);
    this.#held += piece.byteLength;
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    if (this.#header === undefined) {
      if (this.#held < LEAD) return undefined;
      const length = Buffer.from(this.#peek(LEAD)).readUInt32LE();
      if (length < 2 || length > this.mostHeader)
        throw new Error(`it announced a header of ${length} bytes`);
      if (this.#held < LEAD + length) return undefined;
      this.#take(LEAD);
      this.#header = parsed(this.#take(length));
    }
    const header = this.#header;
    const inline = header['at'] === undefined ? (header['bytes'] ?? 0) : 0;
    if (
      typeof inline !== 'number' ||
      !Number.isSafeInteger(inline) ||
      inline < 0 ||
      (inline > 0 && inline > this.mostPayload(header))
    )
      throw new Error(`it announced ${String(inline)} bytes of data`);
    if (this.#held < inline) return undefined;
    this.#header = undefined;
    return { header, payload: inline === 0 ? EMPTY : this.#take(inline) };
  }

  #peek(count: number): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && first.byteLength >= count) return first.subarray(0, count);
    this.#pieces = [Buffer.concat(this.#pieces)];
    return (this.#pieces[0] as Uint8Array).subarray(0, count);
  }

  /** Copies bytes into their own buffer, so that typed arrays can view it. */
  #take(count: number): Uint8Array {
    const out = new Uint8Array(new ArrayBuffer(count));
    let done = 0;
    while (done < count) {
      const first = this.#pieces[0] as Uint8Array;
      const part = first.subarray(0, count - done);
      out.set(part, done);
      done += part.byteLength;
      if (part.byteLength === first.byteLength) this.#pieces.shift();
      else this.#pieces[0] = first.subarray(part.byteLength);
    }
    this.#held -= count;
    return out;
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
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new Error(
      `a header is not JSON: ${JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString('latin1'))}`,
    );
  }
  if (!isObject(value)) throw new Error('a header is not a JSON object');
  return value;
}

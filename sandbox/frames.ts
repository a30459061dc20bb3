/**
 * The frames of the plugin protocol (docs/plugins/protocol.md): four bytes, little-endian, that say
 * how long the header is; the header, a
 * JSON object in UTF-8; and, where the header has `bytes` and no `at`, so many raw bytes behind it.
 */

/** A header on its way, with what comes behind it. */
export interface Frame {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

const LEAD = 4;
const NOTHING = new Uint8Array(0);

/** A header may be no longer than this; texts of a block of rows fit with room to spare. */
export const MOST_HEADER_BYTES = 256 * 2 ** 20;

/** The bytes of a frame, in parts, so that a long payload is not copied. */
export function frameParts(header: object, payload: Uint8Array = NOTHING): readonly Uint8Array[] {
  const json = Buffer.from(
    JSON.stringify(payload.byteLength === 0 ? header : { ...header, bytes: payload.byteLength }),
  );
  const lead = Buffer.alloc(LEAD);
  lead.writeUInt32LE(json.length);
  return payload.byteLength === 0 ? [lead, json] : [lead, json, payload];
}

/** Puts frames together from the pieces in which they arrive. */
export class FrameReader {
  #pieces: Uint8Array[] = [];
  #held = 0;
  #header: Readonly<Record<string, unknown>> | undefined;

  /** `mostPayload`: more bytes than this behind one header are refused. */
  constructor(private readonly mostPayload: number) {}

  /** The frames that a further piece completes. @throws Error where the bytes are no frame */
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
      if (length < 2 || length > MOST_HEADER_BYTES)
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
      inline > this.mostPayload
    )
      throw new Error(`it announced ${String(inline)} bytes of data`);
    if (this.#held < inline) return undefined;
    this.#header = undefined;
    return { header, payload: inline === 0 ? NOTHING : this.#take(inline) };
  }

  #peek(count: number): Uint8Array {
    const [first] = this.#pieces;
    if (first !== undefined && first.byteLength >= count) return first.subarray(0, count);
    this.#pieces = [Buffer.concat(this.#pieces)];
    return (this.#pieces[0] as Uint8Array).subarray(0, count);
  }

  /** Takes bytes into memory of their own, so that views of numbers can lie on it. */
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

function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new Error(
      `a header is not JSON: ${JSON.stringify(Buffer.from(bytes.subarray(0, 60)).toString('latin1'))}`,
    );
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('a header is not a JSON object');
  return value as Readonly<Record<string, unknown>>;
}

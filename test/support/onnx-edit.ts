/** Edits ONNX files byte by byte, as if another exporter had written them. */

interface Part {
  readonly field: number;
  /** Key, length and value. */
  readonly raw: Buffer;
  /** The value of a length-delimited field. */
  readonly data: Buffer;
}

function varintAt(bytes: Buffer, start: number): readonly [number, number] {
  let [value, scale, at] = [0, 1, start];
  for (; (bytes[at] as number) > 127; at++, scale *= 128)
    value += ((bytes[at] as number) & 127) * scale;
  return [value + (bytes[at] as number) * scale, at + 1];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

const message = (field: number, data: Buffer): Buffer =>
  Buffer.concat([varint(field * 8 + 2), varint(data.length), data]);
const number = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field * 8), varint(value)]);

function* parts(bytes: Buffer): Generator<Part> {
  for (let at = 0; at < bytes.length;) {
    const [key, behindKey] = varintAt(bytes, at);
    const wire = key % 8;
    const [value, behind] = wire === 2 || wire === 0 ? varintAt(bytes, behindKey) : [0, behindKey];
    let end = behind;
    if (wire === 2) end = behind + value;
    else if (wire !== 0) end = behindKey + (wire === 1 ? 8 : 4);
    yield {
      field: Math.floor(key / 8),
      raw: bytes.subarray(at, end),
      data: bytes.subarray(behind, end),
    };
    at = end;
  }
}

const [GRAPH, INITIALIZER, OUTPUT] = [7, 5, 12];
const graphChanged = (model: Buffer, change: (part: Part) => Buffer): Buffer =>
  Buffer.concat(
    [...parts(model)].map((part) =>
      part.field === GRAPH
        ? message(GRAPH, Buffer.concat([...parts(part.data)].map(change)))
        : part.raw,
    ),
  );

/** Removes some of its outputs; what computes them stays. */
export const withoutOutputs = (model: Buffer, unwanted: (name: string) => boolean): Buffer =>
  graphChanged(model, (part) =>
    part.field === OUTPUT &&
    unwanted([...parts(part.data)].find(({ field }) => field === 1)?.data.toString() ?? '')
      ? Buffer.alloc(0)
      : part.raw,
  );

/** Moves its larger weights to a file next to it. */
export function withWeightsBeside(
  model: Buffer,
  location: string,
): { readonly model: Buffer; readonly weights: Buffer } {
  const [RAW, EXTERNAL, PLACE] = [9, 13, 14];
  const weights: Buffer[] = [];
  let offset = 0;
  const entry = (key: string, value: string): Buffer =>
    message(
      EXTERNAL,
      Buffer.concat([message(1, Buffer.from(key)), message(2, Buffer.from(value))]),
    );
  const moved = graphChanged(model, (part) => {
    const held = part.field === INITIALIZER ? [...parts(part.data)] : [];
    const raw = held.find(({ field }) => field === RAW)?.data;
    if (raw === undefined || raw.length < 1024) return part.raw;
    const place = [
      entry('location', location),
      entry('offset', String(offset)),
      entry('length', String(raw.length)),
      number(PLACE, 1),
    ];
    weights.push(raw);
    offset += raw.length;
    return message(
      INITIALIZER,
      Buffer.concat([...held.filter(({ field }) => field !== RAW).map((own) => own.raw), ...place]),
    );
  });
  return { model: moved, weights: Buffer.concat(weights) };
}

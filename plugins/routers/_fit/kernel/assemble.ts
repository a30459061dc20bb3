/**
 * A minimal WebAssembly assembler for numeric loops: functions on one imported memory, 32-bit
 * integers and floats, vectors of four floats. Binary format:
 * https://webassembly.github.io/spec/core/binary/.
 */

/** Instructions as bytes. */
export type Code = readonly number[];
/** A value type. */
type ValueType = 'i32' | 'f32' | 'v128';

const TYPES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

const unsigned = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
};

const signed = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
};

const vector = (opcode: number, ...rest: number[]): Code => [0xfd, ...unsigned(opcode), ...rest];
const memory = (align: number, offset: number): number[] => [align, ...unsigned(offset)];

/** Instructions by name. Those with operands on the stack take the operands' code, in order. */
export const wasm = {
  int: (value: number): Code => [0x41, ...signed(value)],
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number, value: Code): Code => [...value, 0x21, ...unsigned(local)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  shiftLeft: (a: Code, bits: number): Code => [...a, ...wasm.int(bits), 0x74],
  /**
   * Repeats `body` until `local`, increased by `step` each time, reaches `end`; never if it starts
   * there. Addresses are unsigned.
   */
  loop: (local: number, step: Code, end: Code, body: Code): Code => [
    ...[0x02, 0x40, ...wasm.get(local), ...end, 0x4f, 0x0d, 0x00],
    ...[
      0x03,
      0x40,
      ...body,
      ...wasm.set(local, wasm.add(wasm.get(local), step)),
      ...wasm.get(local),
      ...end,
      0x49,
      0x0d,
      0x00,
      0x0b,
    ],
    0x0b,
  ],
  f32: {
    load: (address: Code, offset = 0): Code => [...address, 0x2a, ...memory(2, offset)],
    store: (address: Code, value: Code, offset = 0): Code => [
      ...address,
      ...value,
      0x38,
      ...memory(2, offset),
    ],
    add: (a: Code, b: Code): Code => [...a, ...b, 0x92],
  },
  v128: {
    zero: [0xfd, 0x0c, ...Array.from({ length: 16 }, () => 0)] as Code,
    load: (address: Code, offset = 0): Code => [...address, ...vector(0x00), ...memory(4, offset)],
    store: (address: Code, value: Code, offset = 0): Code => [
      ...address,
      ...value,
      ...vector(0x0b),
      ...memory(4, offset),
    ],
    /** One float from memory in all four lanes. */
    loadSplat: (address: Code, offset = 0): Code => [
      ...address,
      ...vector(0x09),
      ...memory(2, offset),
    ],
    splat: (value: Code): Code => [...value, ...vector(0x13)],
    lane: (value: Code, lane: number): Code => [...value, ...vector(0x1f, lane)],
    sqrt: (a: Code): Code => [...a, ...vector(0xe3)],
    add: (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe4)],
    mul: (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe6)],
    div: (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe7)],
    sub: (a: Code, b: Code): Code => [...a, ...b, ...vector(0xe5)],
  },
} as const;

/** A function of a module: locals are numbered after the parameters. */
export interface WasmFunction {
  readonly parameters: readonly ValueType[];
  readonly result?: ValueType;
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const text = (value: string): number[] => [...unsigned(value.length), ...Buffer.from(value)];
const list = (items: readonly Code[]): number[] => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: readonly number[]): number[] => [
  id,
  ...unsigned(content.length),
  ...content,
];

/** A module that exports the functions and imports its memory as `env.memory`. */
export function assemble(
  functions: Readonly<Record<string, WasmFunction>>,
  maximumPages: number,
): Uint8Array<ArrayBuffer> {
  const all = Object.entries(functions);
  const types = all.map(([, { parameters, result }]) => [
    0x60,
    ...list(parameters.map((type) => [TYPES[type]])),
    ...list(result === undefined ? [] : [[TYPES[result]]]),
  ]);
  const bodies = all.map(([, { locals, body }]) => {
    const code = [...list(locals.map((type) => [1, TYPES[type]])), ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(
      2,
      list([[...text('env'), ...text('memory'), 0x02, 0x03, 0x00, ...unsigned(maximumPages)]]),
    ),
    ...section(3, list(all.map((_, i) => unsigned(i)))),
    ...section(7, list(all.map(([name], i) => [...text(name), 0x00, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
}

/**
 * The inner loops of training in WebAssembly SIMD. Addresses and strides are in bytes, counts of
 * floats are multiples of 16.
 */
import { assemble, wasm, type Code, type WasmFunction } from './assemble.js';
import { WebAssembly, type WasmMemory, type WasmModule } from './web-assembly.js';

const { get, set, add, shiftLeft, int, loop, f32, v128 } = wasm;
const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);
const sumLanes = (value: Code): Code =>
  range(4)
    .map((i) => v128.lane(value, i))
    .reduce((a, b) => f32.add(a, b));
const end = (start: number, count: number): Code => add(get(start), shiftLeft(get(count), 2));
const step = (local: number, bytes: Code): Code => set(local, add(get(local), bytes));

/** dot(a, b, n): Σ a·b, in four running sums of four lanes. */
function dot(): WasmFunction {
  const [a, b, n, stop, sum] = [0, 1, 2, 3, 4];
  return {
    parameters: ['i32', 'i32', 'i32'],
    result: 'f32',
    locals: ['i32', 'v128', 'v128', 'v128', 'v128'],
    body: [
      ...set(stop, end(a, n)),
      ...loop(a, int(64), get(stop), [
        ...range(4).flatMap((i) =>
          set(
            sum + i,
            v128.add(get(sum + i), v128.mul(v128.load(get(a), 16 * i), v128.load(get(b), 16 * i))),
          ),
        ),
        ...step(b, int(64)),
      ]),
      ...sumLanes(v128.add(v128.add(get(sum), get(sum + 1)), v128.add(get(sum + 2), get(sum + 3)))),
    ],
  };
}

/**
 * dots(a, strideA, b, strideB, n, out, strideOut): out[i, j] = a_i · b_j for `rows` rows of a and
 * `columns` rows of b.
 */
function dots(rows: number, columns: number): WasmFunction {
  const [a, strideA, b, strideB, n, out, strideOut, stop] = [0, 1, 2, 3, 4, 5, 6, 7];
  const rowOf = (i: number): number => (i === 0 ? a : 7 + i);
  const columnOf = (j: number): number => (j === 0 ? b : 7 + (rows - 1) + j);
  const sum = (i: number, j: number): number => 8 + (rows - 1) + (columns - 1) + i * columns + j;
  const right = (j: number): number => sum(rows, 0) + j;
  const left = right(columns);
  return {
    parameters: range(7).map(() => 'i32'),
    locals: [
      ...range(1 + rows - 1 + columns - 1).map(() => 'i32' as const),
      ...range(rows * columns + columns + 1).map(() => 'v128' as const),
    ],
    body: [
      ...set(stop, end(a, n)),
      ...range(rows - 1).flatMap((i) => set(rowOf(i + 1), add(get(rowOf(i)), get(strideA)))),
      ...range(columns - 1).flatMap((j) =>
        set(columnOf(j + 1), add(get(columnOf(j)), get(strideB))),
      ),
      ...loop(a, int(32), get(stop), [
        ...[0, 16].flatMap((offset) => [
          ...range(columns).flatMap((j) => set(right(j), v128.load(get(columnOf(j)), offset))),
          ...range(rows).flatMap((i) => [
            ...set(left, v128.load(get(rowOf(i)), offset)),
            ...range(columns).flatMap((j) =>
              set(sum(i, j), v128.add(get(sum(i, j)), v128.mul(get(left), get(right(j))))),
            ),
          ]),
        ]),
        ...range(rows - 1).flatMap((i) => step(rowOf(i + 1), int(32))),
        ...range(columns).flatMap((j) => step(columnOf(j), int(32))),
      ]),
      ...range(rows).flatMap((i) => [
        ...range(columns).flatMap((j) => f32.store(get(out), sumLanes(get(sum(i, j))), 4 * j)),
        ...step(out, get(strideOut)),
      ]),
    ],
  };
}

/** addRows(factors, x, strideX, y, n): y += Σ factor_i · x_i over `rows` rows. */
function addRows(rows: number): WasmFunction {
  const [factors, x, strideX, y, n, stop] = [0, 1, 2, 3, 4, 5];
  const rowOf = (i: number): number => (i === 0 ? x : 5 + i);
  const factor = (i: number): number => 5 + rows + i;
  return {
    parameters: range(5).map(() => 'i32'),
    locals: [...range(rows).map(() => 'i32' as const), ...range(rows).map(() => 'v128' as const)],
    body: [
      ...set(stop, end(y, n)),
      ...range(rows - 1).flatMap((i) => set(rowOf(i + 1), add(get(rowOf(i)), get(strideX)))),
      ...range(rows).flatMap((i) => set(factor(i), v128.loadSplat(get(factors), 4 * i))),
      ...loop(y, int(32), get(stop), [
        ...[0, 16].flatMap((offset) =>
          v128.store(
            get(y),
            range(rows).reduce(
              (sum: Code, i) =>
                v128.add(sum, v128.mul(get(factor(i)), v128.load(get(rowOf(i)), offset))),
              v128.load(get(y), offset),
            ),
            offset,
          ),
        ),
        ...range(rows).flatMap((i) => step(rowOf(i), int(32))),
      ]),
    ],
  };
}

/**
 * accumulate(a, strideRow, strideK, b, strideB, endB, n, out, strideOut): out[i, :] += Σ_k a[i, k]
 * · b[k, :] for `rows` rows of a, with k increasing while b is below endB; a is read with two
 * strides, so it may be transposed.
 */
function accumulate(rows: number): WasmFunction {
  const [a, strideRow, strideK, b, strideB, endB, n, out, strideOut, stop, row] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ];
  const outOf = (i: number): number => 11 + i;
  const factorOf = (i: number): number => 11 + rows + i;
  const sum = (i: number, half: number): number => 11 + 2 * rows + 2 * i + half;
  const [low, high] = [sum(rows, 0), sum(rows, 1)];
  return {
    parameters: range(9).map(() => 'i32'),
    locals: [
      ...range(2 + 2 * rows).map(() => 'i32' as const),
      ...range(2 * rows + 2).map(() => 'v128' as const),
    ],
    body: [
      ...set(stop, end(out, n)),
      ...range(rows).flatMap((i) =>
        set(outOf(i), i === 0 ? get(out) : add(get(outOf(i - 1)), get(strideOut))),
      ),
      ...loop(out, int(32), get(stop), [
        ...range(rows).flatMap((i) =>
          [0, 1].flatMap((half) => set(sum(i, half), v128.load(get(outOf(i)), 16 * half))),
        ),
        ...range(rows).flatMap((i) =>
          set(factorOf(i), i === 0 ? get(a) : add(get(factorOf(i - 1)), get(strideRow))),
        ),
        ...set(row, get(b)),
        ...loop(row, get(strideB), get(endB), [
          ...set(low, v128.load(get(row))),
          ...set(high, v128.load(get(row), 16)),
          ...range(rows).flatMap((i) => [
            ...set(
              sum(i, 0),
              v128.add(get(sum(i, 0)), v128.mul(v128.loadSplat(get(factorOf(i))), get(low))),
            ),
            ...set(
              sum(i, 1),
              v128.add(get(sum(i, 1)), v128.mul(v128.loadSplat(get(factorOf(i))), get(high))),
            ),
            ...step(factorOf(i), get(strideK)),
          ]),
        ]),
        ...range(rows).flatMap((i) => [
          ...[0, 1].flatMap((half) => v128.store(get(outOf(i)), get(sum(i, half)), 16 * half)),
          ...step(outOf(i), int(32)),
        ]),
        ...step(b, int(32)),
        ...step(endB, int(32)),
      ]),
    ],
  };
}

/**
 * adam(p, g, m, v, n, settings): settings = beta1, 1 − beta1, beta2, 1 − beta2, rate / (1 −
 * beta1^t), 1 / √(1 − beta2^t), epsilon.
 */
function adam(): WasmFunction {
  const [p, g, m, v, n, settings, stop, gradient, first, second, constant] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ];
  return {
    parameters: range(6).map(() => 'i32'),
    locals: ['i32', ...range(10).map(() => 'v128' as const)],
    body: [
      ...set(stop, end(p, n)),
      ...range(7).flatMap((i) => set(constant + i, v128.loadSplat(get(settings), 4 * i))),
      ...loop(p, int(16), get(stop), [
        ...set(gradient, v128.load(get(g))),
        ...set(
          first,
          v128.add(
            v128.mul(get(constant), v128.load(get(m))),
            v128.mul(get(constant + 1), get(gradient)),
          ),
        ),
        ...set(
          second,
          v128.add(
            v128.mul(get(constant + 2), v128.load(get(v))),
            v128.mul(get(constant + 3), v128.mul(get(gradient), get(gradient))),
          ),
        ),
        ...v128.store(get(m), get(first)),
        ...v128.store(get(v), get(second)),
        ...v128.store(
          get(p),
          v128.sub(
            v128.load(get(p)),
            v128.div(
              v128.mul(get(constant + 4), get(first)),
              v128.add(v128.mul(v128.sqrt(get(second)), get(constant + 5)), get(constant + 6)),
            ),
          ),
        ),
        ...[g, m, v].flatMap((local) => step(local, int(16))),
      ]),
    ],
  };
}

/** Maximum memory of a kernel: 4 GiB. */
export const MAXIMUM_PAGES = 65536;

/** The exports of the module. */
export interface KernelFunctions {
  readonly dot: (a: number, b: number, n: number) => number;
  readonly dots1x1: Dots;
  readonly dots1x2: Dots;
  readonly dots4x1: Dots;
  readonly dots4x2: Dots;
  readonly addRows1: AddRows;
  readonly addRows4: AddRows;
  readonly accumulate1: Accumulate;
  readonly accumulate4: Accumulate;
  readonly adam: (p: number, g: number, m: number, v: number, n: number, settings: number) => void;
}
type Dots = (
  a: number,
  strideA: number,
  b: number,
  strideB: number,
  n: number,
  out: number,
  strideOut: number,
) => void;
type AddRows = (factors: number, x: number, strideX: number, y: number, n: number) => void;
type Accumulate = (
  a: number,
  strideRow: number,
  strideK: number,
  b: number,
  strideB: number,
  endB: number,
  n: number,
  out: number,
  strideOut: number,
) => void;

let compiled: WasmModule | undefined;

/** Instances of the functions on a memory; the module is compiled once. */
export function kernelFunctions(memory: WasmMemory): KernelFunctions {
  compiled ??= new WebAssembly.Module(
    assemble(
      {
        dot: dot(),
        dots1x1: dots(1, 1),
        dots1x2: dots(1, 2),
        dots4x1: dots(4, 1),
        dots4x2: dots(4, 2),
        addRows1: addRows(1),
        addRows4: addRows(4),
        accumulate1: accumulate(1),
        accumulate4: accumulate(4),
        adam: adam(),
      },
      MAXIMUM_PAGES,
    ),
  );
  return new WebAssembly.Instance(compiled, { env: { memory } })
    .exports as unknown as KernelFunctions;
}

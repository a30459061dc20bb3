import { kernelFunctions, MAXIMUM_PAGES, type KernelFunctions } from './functions.js';
import { WebAssembly, type WasmMemory } from './web-assembly.js';

const PAGE = 65536;
const FLOAT = 4;
const SLACK = 64 * PAGE;

/**
 * Floats that a vector of `width` takes in kernel memory: a multiple of 16, and an odd one, so that
 * the rows of a matrix do not all map to the same lines of the processor's cache (at 4,096 floats
 * per row they would, and every access would miss).
 */
export function paddedWidth(width: number): number {
  const lines = Math.ceil(width / 16);
  return 16 * (lines + (lines % 2 === 0 ? 1 : 0));
}

/**
 * Memory that no kernel uses any more. Without this, each fit would leave one behind until the next
 * garbage collection.
 */
const unused: { readonly memory: WasmMemory; readonly written: number }[] = [];

/**
 * Runs `work` with a kernel whose memory is reused by the next one. Nothing in it may be used
 * afterwards, except copies.
 */
export async function withKernel<T>(work: (kernel: Kernel) => Promise<T>): Promise<T> {
  const { memory, written } = unused.pop() ?? {
    memory: new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES, shared: true }),
    written: 0,
  };
  const kernel = new Kernel(memory, written);
  try {
    return await work(kernel);
  } finally {
    unused.push({ memory, written: Math.max(written, kernel.end) });
  }
}

/**
 * A matrix in kernel memory: byte address of its first float, and number of floats from one row to
 * the next.
 */
export interface Matrix {
  readonly address: number;
  readonly stride: number;
}

/**
 * Linear algebra on single-precision floats in WebAssembly SIMD. All data is in one memory that
 * only grows. Vectors are read in steps of 16 floats: the floats between their width and their
 * padded width must be 0. Results do not depend on the machine.
 */
export class Kernel {
  readonly #functions: KernelFunctions;
  readonly #settings: number;
  #end = 64;
  #view: Float32Array;

  /** `written`: the floats of another kernel may occupy the memory up to this byte. */
  constructor(
    readonly memory: WasmMemory,
    private readonly written: number,
  ) {
    this.#functions = kernelFunctions(memory);
    this.#view = new Float32Array(memory.buffer);
    this.#settings = this.allocate(16);
  }

  /** Allocates `floats` floats, all 0; returns the byte address. */
  allocate(floats: number): number {
    const address = this.#end;
    this.#end = address + 64 * Math.ceil((floats * FLOAT) / 64);
    const missing = Math.ceil((this.#end + SLACK - this.memory.buffer.byteLength) / PAGE);
    if (missing > 0) {
      if (this.#end + SLACK > MAXIMUM_PAGES * PAGE)
        throw new RangeError(
          `a fit needs ${this.#end} bytes of memory, more than 4 GiB; lower its option "memory"`,
        );
      this.memory.grow(missing);
      this.#view = new Float32Array(this.memory.buffer);
    }
    if (address < this.written)
      this.#view.fill(0, address / FLOAT, Math.min(this.#end, this.written) / FLOAT);
    return address;
  }

  /** The first byte after all allocations. */
  get end(): number {
    return this.#end;
  }

  /** A view of floats. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length);
  }

  /** A view of integers. */
  ints(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length);
  }

  /** A view of doubles. */
  doubles(address: number, length: number): Float64Array {
    return new Float64Array(this.memory.buffer, address, length);
  }

  /** Copies floats from one address to another. */
  copy(from: number, to: number, floats: number): void {
    this.#view.copyWithin(to / FLOAT, from / FLOAT, from / FLOAT + floats);
  }

  /** a · b over `width` floats. */
  dot(a: number, b: number, width: number): number {
    return this.#functions.dot(a, b, paddedWidth(width));
  }

  /** out[i, j] = a_i · b_j over `width` floats: the product of a and the transpose of b. */
  dots(a: Matrix, rows: number, b: Matrix, columns: number, width: number, out: Matrix): void {
    const { dots1x1, dots1x2, dots4x1, dots4x2 } = this.#functions;
    const strideA = FLOAT * a.stride;
    const strideB = FLOAT * b.stride;
    const strideOut = FLOAT * out.stride;
    for (let j = 0; j < columns; j += 2) {
      const two = j + 2 <= columns;
      const right = b.address + j * strideB;
      for (let i = 0; i < rows;) {
        const four = i + 4 <= rows;
        const oneColumn = four ? dots4x1 : dots1x1;
        const twoColumns = four ? dots4x2 : dots1x2;
        const dots = two ? twoColumns : oneColumn;
        dots(
          a.address + i * strideA,
          strideA,
          right,
          strideB,
          width,
          out.address + i * strideOut + j * FLOAT,
          strideOut,
        );
        i += four ? 4 : 1;
      }
    }
  }

  /** y += Σ_i factors[i] · x_i over `width` floats. */
  addRows(factors: number, x: Matrix, rows: number, y: number, width: number): void {
    const { addRows1, addRows4 } = this.#functions;
    const stride = FLOAT * x.stride;
    for (let i = 0; i < rows;) {
      const four = i + 4 <= rows;
      (four ? addRows4 : addRows1)(factors + i * FLOAT, x.address + i * stride, stride, y, width);
      i += four ? 4 : 1;
    }
  }

  /**
   * out[i, :] += Σ_k a[i, k] · b[k, :] over `width` floats; `a` has two strides in floats, so it
   * may be transposed.
   */
  accumulate(
    a: { readonly address: number; readonly row: number; readonly k: number },
    rows: number,
    b: Matrix,
    k: number,
    width: number,
    out: Matrix,
  ): void {
    const { accumulate1, accumulate4 } = this.#functions;
    for (let i = 0; i < rows;) {
      const four = i + 4 <= rows;
      (four ? accumulate4 : accumulate1)(
        a.address + i * FLOAT * a.row,
        FLOAT * a.row,
        FLOAT * a.k,
        b.address,
        FLOAT * b.stride,
        b.address + k * FLOAT * b.stride,
        width,
        out.address + i * FLOAT * out.stride,
        FLOAT * out.stride,
      );
      i += four ? 4 : 1;
    }
  }

  /**
   * One step of Adam (Kingma and Ba, 2015; β₁ = 0.9, β₂ = 0.999, ε = 1e-8) on `count` parameters;
   * `step` counts from 1.
   */
  adam(
    parameters: number,
    gradient: number,
    first: number,
    second: number,
    count: number,
    rate: number,
    step: number,
  ): void {
    const [beta1, beta2] = [0.9, 0.999];
    this.floats(this.#settings, 7).set([
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      rate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
      1e-8,
    ]);
    this.#functions.adam(parameters, gradient, first, second, count, this.#settings);
  }
}

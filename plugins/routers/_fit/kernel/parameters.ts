import type { Tensor } from '../../../../core/index.js';
import { paddedWidth, type Kernel, type Matrix } from './kernel.js';

interface ParameterSlot extends Matrix {
  readonly shape: readonly number[];
  /** Offset from the start of all parameters, in floats. */
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The parameters of a model with their gradient and Adam's two moments, in kernel memory. A tensor
 * of shape [..., n] is stored as rows of n floats, each padded with zeros; padding gets no gradient
 * and so stays 0.
 */
export class Parameters {
  readonly count: number;
  readonly #slots: ReadonlyMap<string, ParameterSlot>;
  readonly #addresses: {
    readonly values: number;
    readonly gradient: number;
    readonly first: number;
    readonly second: number;
  };

  constructor(
    private readonly kernel: Kernel,
    shapes: Readonly<Record<string, readonly number[]>>,
  ) {
    let count = 0;
    const offsets = Object.entries(shapes).map(([name, shape]) => {
      const columns = shape.at(-1) ?? 1;
      const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const stride = paddedWidth(columns);
      const offset = count;
      count += rows * stride;
      return { name, shape, rows, columns, stride, offset };
    });
    this.count = count;
    const values = kernel.allocate(count);
    this.#addresses = {
      values,
      gradient: kernel.allocate(count),
      first: kernel.allocate(count),
      second: kernel.allocate(count),
    };
    this.#slots = new Map(
      offsets.map((slot) => [slot.name, { ...slot, address: values + 4 * slot.offset }]),
    );
  }

  /** Address of a tensor. */
  get(name: string): Matrix {
    return this.#find(name);
  }

  /** Address of the gradient of a tensor. */
  gradientAt(name: string): Matrix {
    const { offset, stride } = this.#find(name);
    return { address: this.#addresses.gradient + 4 * offset, stride };
  }

  /** A view of the first row of a tensor, padding included. */
  row(name: string): Float32Array {
    const { address, stride } = this.#find(name);
    return this.kernel.floats(address, stride);
  }

  /** A view of the first row of a gradient, padding included. */
  gradientRow(name: string): Float32Array {
    const { address, stride } = this.gradientAt(name);
    return this.kernel.floats(address, stride);
  }

  /** A view of all values (or the gradient, or a moment), padding included. */
  getAll(what: 'values' | 'gradient' | 'first' | 'second'): Float32Array {
    return this.kernel.floats(this.#addresses[what], this.count);
  }

  /** Sets a tensor's values. */
  set(name: string, data: ArrayLike<number>): void {
    this.#write(name, this.get(name), data);
  }

  /** Sets a tensor's gradient. */
  setGradient(name: string, data: ArrayLike<number>): void {
    this.#write(name, this.gradientAt(name), data);
  }

  /** The tensors in a copy of `all('values')` or `all('gradient')`, without padding. */
  tensors(values: Float32Array): Record<string, Tensor> {
    return Object.fromEntries(
      [...this.#slots].map(([name, { shape, rows, columns, stride, offset }]) => {
        const data = new Float32Array(rows * columns);
        for (let r = 0; r < rows; r++)
          data.set(
            values.subarray(offset + r * stride, offset + r * stride + columns),
            r * columns,
          );
        return [name, { shape, data }];
      }),
    );
  }

  clearGradient(): void {
    this.getAll('gradient').fill(0);
  }

  /** One step of Adam along the gradient. */
  step(rate: number, step: number): void {
    const { values, gradient, first, second } = this.#addresses;
    this.kernel.adam(values, gradient, first, second, this.count, rate, step);
  }

  #write(name: string, { address, stride }: Matrix, data: ArrayLike<number>): void {
    const { rows, columns } = this.#find(name);
    for (let r = 0; r < rows; r++) {
      const row = this.kernel.floats(address + 4 * r * stride, columns);
      for (let i = 0; i < columns; i++) row[i] = data[r * columns + i]!;
    }
  }

  #find(name: string): ParameterSlot {
    const found = this.#slots.get(name);
    if (found === undefined) throw new RangeError(`there is no parameter "${name}"`);
    return found;
  }
}

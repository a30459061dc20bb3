/** The rows of a fit in kernel memory: all of them if they fit, else one window after another. */
import type { FitData, FitRow } from '../../../core/index.js';
import type { WorkerPool } from './kernel/worker-pool.js';
import { paddedWidth, type Kernel } from './kernel/kernel.js';
import { standardised, type Standard } from './standard.js';

/** The features of one query: `layers` vectors of `dim` floats. */
export interface Vectors {
  readonly layers: number;
  readonly dim: number;
  readonly values: ArrayLike<number>;
}

/**
 * Some rows in kernel memory. Row r begins at `address` + 4 · r · rowStride; its layer l at 4 · l ·
 * layerStride after that.
 */
export interface Window {
  readonly rows: number;
  readonly address: number;
  /** One label per row, in kernel memory too. */
  readonly labels: Float32Array;
  readonly rowStride: number;
  readonly layerStride: number;
}

const MIB = 2 ** 20;
/**
 * Fraction of the budget for a window of streamed rows; the rest is for the reader's blocks and for
 * shuffling well.
 */
const WINDOW_SHARE = 1 / 8;
const WINDOW_STEP = 64;

/**
 * The rows of one part of the fit data. `windows` yields them in their order, as often as it is
 * called.
 */
export class Rows<Signals> {
  #held: Window | undefined;
  #standard: Standard | undefined;
  #buffer: Pick<Window, 'address' | 'labels'> | undefined;

  private constructor(
    private readonly kernel: Kernel,
    private readonly data: FitData<Signals>,
    private readonly getVectors: (row: FitRow<Signals>) => Vectors,
    private readonly windowRows: number,
    readonly layers: number,
    readonly dim: number,
    private readonly pool: WorkerPool | undefined,
  ) {}

  get rows(): number {
    return this.data.rows;
  }

  /**
   * Reads the first row to learn the shape, and all rows at once if `allRows` of them fit into
   * `memory` MiB. A worker pool helps with the memory.
   */
  static async open<Signals>(
    kernel: Kernel,
    data: FitData<Signals>,
    getVectors: (row: FitRow<Signals>) => Vectors,
    limits: { readonly allRows: number; readonly memory: number },
    pool?: WorkerPool,
  ): Promise<Rows<Signals>> {
    for await (const block of data.blocks()) {
      const [first] = block;
      if (first === undefined) continue;
      const { layers, dim } = getVectors(first);
      const bytes = 4 * layers * paddedWidth(dim);
      const holds = bytes * limits.allRows <= limits.memory * MIB;
      const fitting = Math.floor((limits.memory * MIB * WINDOW_SHARE) / bytes);
      const windowRows = holds
        ? data.rows
        : Math.max(WINDOW_STEP, WINDOW_STEP * Math.floor(fitting / WINDOW_STEP));
      const rows = new Rows(kernel, data, getVectors, windowRows, layers, dim, pool);
      if (holds) for await (const window of rows.#read()) rows.#held = window;
      return rows;
    }
    throw new RangeError('there are no rows to fit on');
  }

  /** Calls `visit` with a view of the floats of each row. */
  async each(visit: (values: Float32Array) => void): Promise<void> {
    for await (const { rows, address, rowStride } of this.windows()) {
      for (let r = 0; r < rows; r++)
        visit(this.kernel.floats(address + 4 * r * rowStride, rowStride));
    }
  }

  /** z-scores all rows (of one layer each), now or whenever they are read. */
  async standardise(standard: Standard): Promise<void> {
    if (this.#held !== undefined)
      await this.each((values) => values.set(standardised(standard, values.subarray(0, this.dim))));
    this.#standard = standard;
  }

  async *windows(): AsyncGenerator<Window> {
    if (this.#held === undefined) yield* this.#read();
    else yield this.#held;
  }

  async *#read(): AsyncGenerator<Window> {
    const layerStride = paddedWidth(this.dim);
    const rowStride = this.layers * layerStride;
    const windowRows = Math.min(this.windowRows, this.data.rows);
    const { address, labels } = (this.#buffer ??= this.#allocate(windowRows, rowStride));
    let index = 0;
    for await (const block of this.data.blocks()) {
      for (const row of block) {
        const { layers, dim, values } = this.getVectors(row);
        if (layers !== this.layers || dim !== this.dim)
          throw new RangeError(
            `a row has ${layers} × ${dim} features, the first has ${this.layers} × ${this.dim}`,
          );
        const into = this.kernel.floats(address + 4 * index * rowStride, rowStride);
        if (layers === 1)
          into.set(this.#standard === undefined ? values : standardised(this.#standard, values));
        else
          for (let l = 0; l < layers; l++)
            into.set((values as Float32Array).subarray(l * dim, (l + 1) * dim), l * layerStride);
        labels[index++] = row.label;
        this.pool?.reached(address + 4 * index * rowStride);
        if (index < windowRows) continue;
        yield { rows: index, address, labels, rowStride, layerStride };
        index = 0;
      }
    }
    if (index > 0) yield { rows: index, address, labels, rowStride, layerStride };
  }

  #allocate(rows: number, rowStride: number): Pick<Window, 'address' | 'labels'> {
    const labels = this.kernel.floats(this.kernel.allocate(rows), rows);
    const address = this.kernel.allocate(rows * rowStride);
    this.pool?.touch(address, address + 4 * rows * rowStride);
    return { address, labels };
  }
}

/** Opens both parts of a fit, within `memory` MiB in total. */
export async function openParts<Signals>(
  kernel: Kernel,
  train: FitData<Signals>,
  validation: FitData<Signals>,
  getVectors: (row: FitRow<Signals>) => Vectors,
  memory: number,
  pool?: WorkerPool,
): Promise<{ readonly rows: Rows<Signals>; readonly validation: Rows<Signals> }> {
  const limits = { allRows: train.rows + validation.rows, memory };
  const rows = await Rows.open(kernel, train, getVectors, limits, pool);
  return { rows, validation: await Rows.open(kernel, validation, getVectors, limits, pool) };
}

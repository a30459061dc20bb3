/** Gives room for so many numbers. */
export type TakeNumbers = (count: number) => Float32Array;

/**
 * Memory for the numbers of one block of rows after another. A system clears each page of new
 * memory at its first touch, which for rows of
 * hidden states takes longer than reading them; this memory is touched once.
 */
export class RowMemory {
  readonly #buffer: Float32Array;
  #taken = 0;

  /** Room for so many numbers. */
  constructor(count: number) {
    this.#buffer = new Float32Array(count);
  }

  /** Room behind what was taken already. @throws Error where a block is larger than was said */
  readonly take: TakeNumbers = (count) => {
    const from = this.#taken;
    if (from + count > this.#buffer.length)
      throw new Error(`a block of rows has more than ${this.#buffer.length} numbers`);
    this.#taken += count;
    return this.#buffer.subarray(from, this.#taken);
  };

  /** From now on what was taken may be written over. */
  restart(): void {
    this.#taken = 0;
  }
}

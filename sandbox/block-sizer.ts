/** How many rows one request may hold, so that a slow router answers well within its limit. */

/** A request should take no more than this share of the limit. */
const SHARE = 0.25;
/** How much larger a request may be than the largest before it. */
const GROWTH = 16;

/** Begins with one row and grows with the measured speed. */
export class BlockSizer {
  #largest = 1 / GROWTH;
  #msPerRow = 0;

  constructor(private readonly limitMs: number) {}

  /** Whether nothing has been measured yet. */
  get isNew(): boolean {
    return this.#largest < 1;
  }

  /** How many of the remaining rows come next. */
  next(remaining: number): number {
    const fast = this.#msPerRow > 0 ? (SHARE * this.limitMs) / this.#msPerRow : Infinity;
    return Math.max(1, Math.min(remaining, Math.floor(fast), GROWTH * this.#largest));
  }

  /** Notes how long a request took. */
  took(rows: number, milliseconds: number): void {
    this.#largest = Math.max(this.#largest, rows);
    this.#msPerRow = milliseconds / rows;
  }
}

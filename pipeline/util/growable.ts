/** A list of numbers in a typed array that doubles when full: 8 bytes a number. */
export class Growable {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  get length(): number {
    return this.#length;
  }

  /** The numbers; a view, not a copy. */
  values(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }
}

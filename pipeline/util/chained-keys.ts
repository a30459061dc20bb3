/** Numbers of entries by their 32-bit keys, in typed arrays: about 20 bytes an entry. */

const EMPTY = -1;

/** The column, or a longer copy, with room for so many values. */
export function withRoom<Column extends Uint32Array | Int32Array>(
  column: Column,
  length: number,
): Column {
  if (length <= column.length) return column;
  const longer = new (column.constructor as new (size: number) => Column)(
    Math.max(length, Math.ceil(column.length * 1.5)),
  );
  longer.set(column);
  return longer;
}

/** Keys that may occur often; entries of a key are found in the order in which they came. */
export class ChainedKeys {
  /** Keys of the entries. */
  #keys = new Uint32Array(1 << 8);
  /** The next entry of the same key; that of the last is the first. */
  #next = new Int32Array(1 << 8);
  /** The last entry of a key, by open addressing. */
  #slots = new Int32Array(1 << 9).fill(EMPTY);
  #size = 0;
  #distinct = 0;

  /** Adds an entry; its number is how many were added before. */
  add(key: number): void {
    const number = this.#size++;
    this.#keys = withRoom(this.#keys, this.#size);
    this.#next = withRoom(this.#next, this.#size);
    this.#keys[number] = key;
    if (this.#distinct * 4 > this.#slots.length * 3) this.#grow();
    const slot = this.#slotOf(key);
    const last = this.#slots[slot] as number;
    if (last === EMPTY) {
      this.#next[number] = number;
      this.#distinct++;
    } else {
      this.#next[number] = this.#next[last] as number;
      this.#next[last] = number;
    }
    this.#slots[slot] = number;
  }

  keyOf(number: number): number {
    return this.#keys[number] as number;
  }

  /** Visits the entries of a key. */
  forEach(key: number, visit: (number: number) => void): void {
    const last = this.#slots[this.#slotOf(key)] as number;
    if (last === EMPTY) return;
    let number = last;
    do {
      number = this.#next[number] as number;
      visit(number);
    } while (number !== last);
  }

  /** The slot of a key, or the empty one where it belongs. */
  #slotOf(key: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = Math.imul(key ^ (key >>> 15), 0x2c1b3c6d) & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot] as number;
      if (held === EMPTY || this.#keys[held] === key) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2).fill(EMPTY);
    for (const last of old)
      if (last !== EMPTY) this.#slots[this.#slotOf(this.#keys[last] as number)] = last;
  }
}

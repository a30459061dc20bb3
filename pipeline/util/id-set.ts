/**
 * Finds ids that may occur twice, in 8 bytes an id: a 53-bit hash of each is kept, not the text.
 */
import { hash32 } from '../../core/util/hash32.js';

const EMPTY = -1;

/**
 * An open-addressing set of id hashes. `add` says whether the hash was there already: a double id,
 * or (one in 10⁹ or so) a chance.
 */
export class IdSet {
  #slots = new Float64Array(1 << 12).fill(EMPTY);
  #size = 0;

  add(id: string): boolean {
    if (this.#size * 4 > this.#slots.length * 3) this.#grow();
    // a prefix, not a suffix: two ids whose first hashes meet would meet again in whatever is added
    // behind them
    return this.#insert((hash32(id) >>> 0) * 0x200000 + (hash32(`\u0001${id}`) >>> 11));
  }

  #insert(hash: number): boolean {
    const mask = this.#slots.length - 1;
    for (let slot = (hash % 0x7fffffff) & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot] as number;
      if (held === hash) return true;
      if (held !== EMPTY) continue;
      this.#slots[slot] = hash;
      this.#size++;
      return false;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2).fill(EMPTY);
    this.#size = 0;
    for (const hash of old) if (hash !== EMPTY) this.#insert(hash);
  }
}

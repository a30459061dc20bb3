/** Bounds how many processes that describe packages live at once. */

import { isMainThread } from 'node:worker_threads';

/** A package whose process can be ended; it is started again when it is needed. */
interface Pooled {
  readonly release: () => Promise<void>;
}

/** About 35 MiB each; a thread that fits makes the plan again, beside other threads. */
const MOST_ALIVE = isMainThread ? 32 : 8;

/** Ends the process that was used least recently where a further one would be too many. */
export class ProcessPool {
  readonly #idle = new Set<Pooled>();
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(private readonly most = MOST_ALIVE) {}

  /** Does some work with the process of a package, as soon as there may be one. */
  async use<T>(owner: Pooled, work: () => Promise<T>): Promise<T> {
    while (!this.#idle.has(owner) && this.#busy + this.#idle.size >= this.most) {
      const [oldest] = this.#idle;
      if (oldest === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else {
        this.#idle.delete(oldest);
        this.#busy++; // until it has ended
        await oldest.release().finally(() => this.#busy--);
      }
    }
    this.#idle.delete(owner);
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      this.#idle.add(owner);
      this.#waiting.shift()?.();
    }
  }

  /** Forgets a package whose process has ended. */
  forget(owner: Pooled): void {
    if (this.#idle.delete(owner)) this.#waiting.shift()?.();
  }
}

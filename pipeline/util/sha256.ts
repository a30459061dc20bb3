import { createHash, type Hash } from 'node:crypto';

/** A running SHA-256 over parts; parts are separated, so ('ab','c') and ('a','bc') differ. */
export class Sha256 {
  readonly #hash: Hash = createHash('sha256');

  add(...parts: readonly (string | Uint8Array)[]): this {
    for (const part of parts) {
      if (typeof part === 'string') this.#hash.update(`${part.length}:${part}`);
      else this.#hash.update(`${part.length}:`).update(part);
    }
    return this;
  }

  /** The first 24 hex digits: enough for keys. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 24);
  }
}

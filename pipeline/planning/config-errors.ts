import { getHarnessErrors, HarnessErrors, type HarnessError } from '../../core/errors.js';

/** Collects mistakes instead of stopping at the first. */
export class Mistakes {
  readonly #found: HarnessError[] = [];

  /** Adds one. */
  add(error: HarnessError): void {
    this.#found.push(error);
  }

  /** Does some work; an error for the user is added, and the value is then undefined. */
  async try<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const errors = getHarnessErrors(error);
      if (errors === undefined) throw error;
      this.#found.push(...errors);
      return undefined;
    }
  }

  /** Adds errors that would be no mistake by themselves, where there is one anyway. */
  join(errors: Iterable<HarnessError>): void {
    if (this.#found.length === 0) return;
    for (const error of errors) if (!this.#found.includes(error)) this.#found.push(error);
  }

  /** Throws what was added: a single mistake as it is, several as HarnessErrors. */
  throw(): void {
    if (this.#found.length === 1) throw this.#found[0] as HarnessError;
    if (this.#found.length > 1) throw new HarnessErrors(this.#found);
  }
}

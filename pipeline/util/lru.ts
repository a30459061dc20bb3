/**
 * A bounded cache of opened things: the least recently used one is closed first. Two callers asking
 * at once share one opening.
 */
export class Lru<T> {
  readonly #items = new Map<string, Promise<T>>();

  constructor(
    private readonly limit: number,
    private readonly close: (item: T) => Promise<void> | void = () => {},
  ) {}

  async get(key: string, open: () => Promise<T>): Promise<T> {
    const known = this.#items.get(key);
    if (known !== undefined) {
      this.#items.delete(key);
      this.#items.set(key, known);
      return await known;
    }
    const made = open();
    this.#items.set(key, made);
    // the caller gets the error; the next one tries again
    made.catch(() => this.#items.delete(key));
    if (this.#items.size > this.limit) {
      const [oldest, item] = this.#items.entries().next().value as [string, Promise<T>];
      this.#items.delete(oldest);
      await this.close(await item);
    }
    return await made;
  }

  async clear(): Promise<void> {
    const all = [...this.#items.values()];
    this.#items.clear();
    for (const item of await Promise.all(all)) await this.close(item);
  }
}

/** Notices reads of signals that a router does not declare. */
import { SIGNALS } from '../core/signals/table.js';

const toName = (kind: string): string =>
  kind.replace(/-([a-z])/g, (_dash, letter: string) => letter.toUpperCase());

/**
 * The prototype of a row's signals: what a row does not have is undefined, and the read is noted.
 */
export class UndeclaredSignals {
  readonly prototype: object = Object.create(Object.prototype) as object;
  #read: string | undefined;

  /** `tell` gets a sentence, once. */
  constructor(private readonly tell: (text: string) => void) {
    for (const name of SIGNALS.map(({ kind }) => toName(kind)))
      Object.defineProperty(this.prototype, name, {
        get: () => this.#note(name),
        set(this: object, value: unknown) {
          Object.defineProperty(this, name, {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        },
      });
  }

  /** For the message of an error; empty where nothing undeclared was read. */
  get hint(): string {
    return this.#read === undefined ? '' : ` (${this.#read})`;
  }

  #note(name: string): void {
    if (this.#read !== undefined) return;
    this.#read = `it reads the signal "${name}", which it does not declare: add ${name}() to its \`needs\``;
    this.tell(this.#read);
  }
}

/** What a fuzz target is: something that reads data which others wrote. */
import type { Random } from '../core/index.js';

/** One case: the files it needs, and what reads them. @public */
export interface FuzzCase {
  /** Path inside the target's folder → content; written before `run`, removed after it. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /**
   * Reads the files as the product does. It may end well, or throw a HarnessError (which is how the
   * product refuses an input).
   * @throws HarnessError where the input is refused; {@link WrongValue} where it was accepted and
   * must not have been; anything else is a fault of the product
   */
  readonly run: () => Promise<void>;
}

/** A target, ready for its cases. @public */
export interface OpenedTarget {
  /** The next case, which depends on nothing but `random`. */
  readonly next: (random: Random) => FuzzCase;
  readonly close?: () => Promise<void>;
}

/** What a file of fuzz/targets exports as `target`; the name of the target is that of the file. */
export interface FuzzTarget {
  /** One sentence: what is damaged, and what reads it. */
  readonly summary: string;
  /** Prepares what all cases share, in a folder that belongs to this process. */
  readonly open: (folder: string) => Promise<OpenedTarget>;
}

/** Thrown by a case whose input was accepted although it is wrong, or was changed silently. */
export class WrongValue extends Error {
  override readonly name = 'WrongValue';
}

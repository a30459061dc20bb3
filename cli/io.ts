import type { ProcessWatch } from '../pipeline/process-watch.js';

/** What a command may see of the process. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The result: with --json nothing but JSON. */
  readonly out: (text: string) => void;
  /** For humans: progress, notes, errors. */
  readonly err: (text: string) => void;
  /** Width of stderr where it is a terminal that understands cursor movements; null elsewhere. */
  readonly columns: () => number | null;
  /**
   * Width of stdout where it is a terminal; undefined elsewhere, where lines may be as long as they
   * are.
   */
  readonly width: number | undefined;
  /** Whether stdout may be coloured. */
  readonly colour: boolean;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Has something released when the command ends, however it ends. */
  readonly atEnd: (release: () => Promise<void>) => void;
  readonly process: ProcessWatch;
}

/** What every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/**
 * 0 ok · 1 our bug · 2 usage, config or plugin · 3 incomplete · 4 gate failed · 5 gate inconclusive
 * · 6 budget · 130 interrupted.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 130;

/** Prints a value as JSON. */
export const printJson = (io: Io, value: unknown): void =>
  io.out(`${JSON.stringify(value, null, 2)}\n`);

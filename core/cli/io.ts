/** What a command may see of the process. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The result: with --json nothing but JSON. */
  readonly out: (text: string) => void;
  /** For humans: progress, notes, errors. */
  readonly err: (text: string) => void;
  /** Whether stderr is a terminal that understands cursor movements. */
  readonly interactive: boolean;
  /** Whether stdout may be coloured. */
  readonly colour: boolean;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** 0 ok · 1 our bug · 2 usage, config or plugin · 3 incomplete · 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

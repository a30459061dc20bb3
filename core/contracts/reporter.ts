/** What reporters promise, and what they are given. */

/** Where a reporter writes. */
export interface ReportOutput {
  /** Writes to standard output; not for reporters that were given a file. */
  readonly print: (text: string) => void;
  /** Writes to standard error: notes for people, such as annotations that a CI system reads. */
  readonly note: (text: string) => void;
  /**
   * Writes a whole file or nothing. Relative paths start at the folder of results. A path in the
   * option `file` is absolute by the time a reporter sees it: it starts at the folder of the config,
   * or at the working directory on the command line.
   */
  readonly write: (path: string, text: string) => Promise<void>;
  /** Adds to a file that another program reads, such as a CI job summary. */
  readonly append: (path: string, text: string) => Promise<void>;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
  /** Characters that a line of standard output has room for; left out = as many as it takes. */
  readonly width?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes a finished run or comparison for people or programs. `Report` is the type of what is
 * reported: see `routerxbench/analysis`.
 */
export interface Reporter<Report = never> {
  readonly report: (report: Report, output: ReportOutput) => void | Promise<void>;
}

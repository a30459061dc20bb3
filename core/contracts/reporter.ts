/** What reporters promise, and what they are given. */

/** Where a reporter writes. */
export interface ReportOutput {
  /** Writes to standard output; not for reporters that were given a file. */
  readonly print: (text: string) => void;
  /**
   * Writes a whole file or nothing. Relative paths start at the folder of the report: that of the
   * run, or the folder of the config for a file that the user named.
   */
  readonly write: (path: string, text: string) => Promise<void>;
  /** Adds to a file that another program reads, such as a CI job summary. */
  readonly append: (path: string, text: string) => Promise<void>;
  /** Whether standard output shows colours. */
  readonly colour: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Writes a finished run or comparison for people or programs. `Report` is the type of what is
 * reported: see `routerxbench/analysis`.
 */
export interface Reporter<Report = never> {
  readonly report: (report: Report, output: ReportOutput) => void | Promise<void>;
}

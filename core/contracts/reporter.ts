/** Where a reporter writes. */
export interface ReportOutput {
  /** Writes to standard output; not for reporters that were given a file. */
  readonly print: (text: string) => void;
  /** Writes to standard error: notes for people, such as annotations that a CI system reads. */
  readonly note: (text: string) => void;
  /**
   * Writes a whole file or nothing. Relative paths start at the folder of results; the option
   * `file` is already absolute, from the folder of the config or the working directory.
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

/** Writes a result for people or programs; for types of `Report` see `routerxbench/analysis`. */
export interface Reporter<Report = never> {
  readonly report: (report: Report, output: ReportOutput) => void | Promise<void>;
}

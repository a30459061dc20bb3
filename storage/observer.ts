/** A piece of long work, as the progress display sees it. */
export interface Task {
  readonly advance: (finished: number) => void;
  /** Free text behind the bar, such as the current loss. */
  readonly note: (text: string) => void;
  readonly end: () => void;
}

/** Follows downloads and runs: the command line draws bars, a library user may stay silent. */
export interface Observer {
  /** Starts a piece of work of `total` units; `reused` of them were found finished. */
  readonly task: (label: string, total: number, reused: number) => Task;
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** Ignores everything. */
export const SILENT: Observer = {
  task: () => ({ advance: () => {}, note: () => {}, end: () => {} }),
  info: () => {},
  warn: () => {},
};

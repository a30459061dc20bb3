/** What a process notices of code that is not ours, beside what that code returns or throws. */

/** Gets what the process notices. */
export interface ProcessWatcher {
  /** Nothing is left to do: what is awaited never comes. */
  readonly onIdle: () => void;
  /** Something failed that nobody awaits: a timer, or a promise. */
  readonly onFailure: (cause: unknown) => void;
}

/** The process of a command. */
export interface ProcessWatch {
  /** Watches until the returned function is called. Of several watchers, the latest is told. */
  readonly watch: (watcher: ProcessWatcher) => () => void;
}

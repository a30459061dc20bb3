/** An absolute path that no package may see. */
export interface GuardedPath {
  readonly path: string;
  /** What is there, for messages. */
  readonly what: string;
}

/** Settings of the sandbox: the config's `isolation`, and what no router may see. */
export interface IsolationSettings {
  /**
   * Packages that run even without a sandbox, or with permissions that others lack. Their rows are
   * unverified, and therefore not ranked.
   */
  readonly trust: readonly string[];
  /**
   * Packages whose routers run in the harness's process, like built-ins. Their rows are unverified,
   * and therefore not ranked.
   */
  readonly inProcess: readonly string[];
  readonly memoryMiB: number;
  /** Timeout for the confidences of one block of rows, for loading and for restoring. */
  readonly scoreSeconds: number;
  /** Maximum time without a message while fitting. */
  readonly fitSeconds: number;
  /** The folder of the project, which no package may see as a whole; null outside a project. */
  readonly project: string | null;
  /** Other folders and files that no package may see. */
  readonly guarded: readonly GuardedPath[];
}

/** The word for every package. */
export const EVERY = 'all';

/** The defaults. */
export const ISOLATION: IsolationSettings = {
  trust: [],
  inProcess: [],
  memoryMiB: 2048,
  scoreSeconds: 60,
  fitSeconds: 600,
  project: null,
  guarded: [],
};

/**
 * Settings of the sandbox: the config's `isolation` and the folder of results, which no router may
 * see.
 */
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
  /**
   * Absolute folders and files that appear empty to a package, wherever they are; a folder that
   * contains the package itself cannot be hidden from it.
   */
  readonly hidden: readonly string[];
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
  hidden: [],
};

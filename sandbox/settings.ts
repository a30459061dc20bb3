/**
 * How strangers' routers are held; the config's `isolation` with the folder of results, which no
 * router may see.
 */
export interface IsolationSettings {
  /**
   * Packages that run although nothing holds them, or with rights that others lack. Their rows are
   * self-reported, and so not ranked.
   */
  readonly trust: readonly string[];
  /**
   * Packages whose routers run inside the harness, as built-ins do. Their rows are self-reported,
   * and so not ranked.
   */
  readonly inProcess: readonly string[];
  readonly memoryMiB: number;
  /** Longest wait for the confidences of one block of rows, for loading and for restoring. */
  readonly scoreSeconds: number;
  /** Longest silence while fitting. */
  readonly fitSeconds: number;
  /**
   * Absolute folders and files that a package sees empty, wherever they lie; what holds the package
   * itself cannot be hidden from it.
   */
  readonly hidden: readonly string[];
}

/** The word that stands for every package. */
export const EVERY = 'all';

/** What holds where nothing is said. */
export const ISOLATION: IsolationSettings = {
  trust: [],
  inProcess: [],
  memoryMiB: 2048,
  scoreSeconds: 60,
  fitSeconds: 600,
  hidden: [],
};

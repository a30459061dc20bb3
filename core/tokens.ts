import type { InjectionToken } from './di.js';
import type { Random } from './util/random.js';

/** Where a plugin writes notes for humans; they never reach stdout. */
export interface Logger {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** How a file is known to be the right one: its git blob id, or its SHA-256. */
export type FileCheck = { readonly gitBlob: string } | { readonly sha256: string };

/** A file of a public source, pinned by its checksum. */
export interface RemoteFile {
  readonly url: string;
  /**
   * Its path at the source, `/` between folders; local copies are looked for under it and under its
   * last parts.
   */
  readonly path: string;
  /** What to check out or fetch by hand, for messages. */
  readonly origin: string;
  readonly check: FileCheck;
  readonly bytes?: number;
}

/**
 * The disk and the network as a dataset may use them: relative paths start at the folder of the
 * config.
 */
export interface Files {
  readonly resolve: (path: string) => string;
  /**
   * Lines of a UTF-8 text file, read in chunks; a missing file and a byte that is no UTF-8 are
   * coded errors.
   */
  readonly lines: (path: string) => AsyncIterable<string>;
  /** The bytes of a file, or those from one position up to another. */
  readonly bytes: (path: string, from?: number, to?: number) => Promise<Uint8Array>;
  /** Length in bytes. */
  readonly size: (path: string) => Promise<number>;
  /**
   * The absolute path of a pinned file: a local copy (`dataDir`), the user's cache, else it is
   * fetched. Its checksum is right.
   */
  readonly fetch: (file: RemoteFile) => Promise<string>;
  /**
   * The address of a file of a data set on Hugging Face, or on the mirror that HF_ENDPOINT names.
   */
  readonly huggingFaceUrl: (repository: string, revision: string, path: string) => string;
}

/**
 * Reads secrets by the name of their environment variable; for model backends. What is read must
 * never be written or logged.
 */
export interface Secrets {
  /** `path` says in errors what asks for it. A variable that is not set is RXB1004. */
  readonly read: (reference: { readonly env: string }, path: string) => string;
}

/** Where a model backend keeps what processes of its own leave: logs and records. */
export interface Workspace {
  /** The model's name in the config. */
  readonly model: string;
  /** Absolute folder of results. */
  readonly results: string;
}

/** The options of this plugin instance, checked by its schema. */
export const OPTIONS: InjectionToken<unknown> = Symbol.for('routerxbench.options');
/** A {@link Logger}. */
export const LOGGER: InjectionToken<Logger> = Symbol.for('routerxbench.logger');
/** {@link Files}: for datasets, scorers and model backends. */
export const FILES: InjectionToken<Files> = Symbol.for('routerxbench.files');
/** {@link Secrets}: for model backends only. */
export const SECRETS: InjectionToken<Secrets> = Symbol.for('routerxbench.secrets');
/** {@link Workspace}: for model backends only. */
export const WORKSPACE: InjectionToken<Workspace> = Symbol.for('routerxbench.place');
/** A {@link Random} with a seed of this instance's own. */
export const RANDOM: InjectionToken<Random> = Symbol.for('routerxbench.random');

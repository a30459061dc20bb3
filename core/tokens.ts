/** What plugins can have injected: `@inject(OPTIONS) private readonly options: Options`. */
import type { InjectionToken } from './di.js';
import type { Random } from './util/random.js';

/** Where a plugin writes messages for people; they are never part of the standard output. */
export interface Logger {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
}

/** Identifies the content of a file: its git blob id or its SHA-256. */
export type FileCheck = { readonly gitBlob: string } | { readonly sha256: string };

/** A file of a public source, pinned by its checksum. */
export interface RemoteFile {
  readonly url: string;
  /** Its path at the source, with `/`; local copies are searched by it and by its last parts. */
  readonly path: string;
  /** What to check out or fetch by hand, for messages. */
  readonly origin: string;
  readonly check: FileCheck;
  readonly bytes?: number;
}

/** Access to the disk and to public files; relative paths start at the folder of the config. */
export interface Files {
  readonly resolve: (path: string) => string;
  /** Lines of a UTF-8 file, read in chunks. @throws where it is missing or not UTF-8 */
  readonly lines: (path: string) => AsyncIterable<string>;
  /** The bytes of a file, or those of a range; `to` is exclusive. */
  readonly bytes: (path: string, from?: number, to?: number) => Promise<Uint8Array>;
  /** Length in bytes. */
  readonly size: (path: string) => Promise<number>;
  /** Absolute path of a file with this checksum: from `dataDir`, the user's cache or a download. */
  readonly fetch: (file: RemoteFile) => Promise<string>;
  /** The URL of a dataset's file on Hugging Face, or on the mirror that HF_ENDPOINT names. */
  readonly huggingFaceUrl: (repository: string, revision: string, path: string) => string;
}

/** Reads secrets by the names of their environment variables. Never write or log one. */
export interface Secrets {
  /** `path` is the option that needs the secret, for errors. @throws RXB1004 where it is not set */
  readonly read: (reference: { readonly env: string }, path: string) => string;
}

/** Where a model backend stores the logs and records of its own processes. */
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
/** {@link Files}: for every kind but routers. */
export const FILES: InjectionToken<Files> = Symbol.for('routerxbench.files');
/** {@link Secrets}: for model backends only. */
export const SECRETS: InjectionToken<Secrets> = Symbol.for('routerxbench.secrets');
/** {@link Workspace}: for model backends only. */
export const WORKSPACE: InjectionToken<Workspace> = Symbol.for('routerxbench.place');
/** A {@link Random} with a seed of this instance's own. */
export const RANDOM: InjectionToken<Random> = Symbol.for('routerxbench.random');

import type { Mounts } from './sandbox-mounts.js';

/** What a mechanism makes a sandbox of. */
export interface SandboxRequest {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly mounts: Mounts;
  /** The system calls that are refused, as BPF. */
  readonly filter: Buffer;
  /** A private folder, which is deleted with the sandbox. */
  readonly folder: string;
  /** Writes a file there and returns its path. */
  readonly write: (name: string, content: string | Buffer) => string;
}

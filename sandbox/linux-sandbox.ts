/**
 * A sandbox for a program on Linux: separate namespaces for users, mounts, the network, processes,
 * IPC and the host name, and a filter of system calls. Its root contains the system's programs and
 * libraries and the folders it may read, all read-only, and a small /tmp; no other process is
 * visible, and it has no capability to change any of this.
 */
import { execa } from 'execa';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { getErrorMessage } from '../core/errors.js';
import { wrapWithBubblewrap } from './bubblewrap.js';
import { planMounts, type VisibleFiles } from './sandbox-mounts.js';
import { buildSeccompFilter } from './seccomp-filter.js';
import { wrapWithUtilLinux } from './util-linux.js';

/** A command in the sandbox; `remove` deletes its temporary files. */
export interface SandboxCommand {
  readonly command: readonly string[];
  readonly remove: () => void;
}

/** Programs that make a sandbox: the first one that works is used. */
const MECHANISMS = {
  bubblewrap: wrapWithBubblewrap,
  'util-linux and Perl': wrapWithUtilLinux,
} as const;

/** By name, the preferred one first. */
export type SandboxMechanism = keyof typeof MECHANISMS;
const FILTER = buildSeccompFilter(arch);

/**
 * Wraps a command. The files that describe the sandbox are in a temporary folder until `remove`.
 */
export function buildSandboxCommand(
  mechanism: SandboxMechanism,
  command: readonly string[],
  cwd: string,
  visible: VisibleFiles,
): SandboxCommand {
  if (FILTER === undefined) throw new Error(`the system calls of ${arch} are not known`);
  const folder = mkdtempSync(join(tmpdir(), 'rxb-sandbox-'));
  return {
    command: MECHANISMS[mechanism]({
      command,
      cwd,
      mounts: planMounts(visible),
      filter: FILTER,
      folder,
      write: (name, content) => {
        writeFileSync(join(folder, name), content);
        return join(folder, name);
      },
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Why a mechanism makes no sandbox on this machine, or null if it does. */
async function findProblem(mechanism: SandboxMechanism): Promise<string | null> {
  const nothing = { paths: [], links: new Map<string, string>() };
  const { command, remove } = buildSandboxCommand(mechanism, ['true'], '/', nothing);
  try {
    const [program = '', ...args] = command;
    const tried = await execa(program, args, { reject: false, timeout: 10_000 });
    return tried.failed
      ? (tried.stderr || getErrorMessage(tried)).trim().split('\n')[0]?.slice(0, 200) || 'it failed'
      : null;
  } finally {
    remove();
  }
}

/** The sandbox of this machine, or why there is none. */
export type Sandbox =
  | { readonly mechanism: SandboxMechanism; readonly problem: null }
  | { readonly mechanism: null; readonly problem: string };

async function probe(): Promise<Sandbox> {
  const none = (problem: string): Sandbox => ({ mechanism: null, problem });
  if (platform !== 'linux') return none(`it needs Linux, and this system is ${platform}`);
  if (FILTER === undefined) return none(`the system calls of ${arch} are not known`);
  const problems: string[] = [];
  for (const mechanism of Object.keys(MECHANISMS) as SandboxMechanism[]) {
    const problem = await findProblem(mechanism);
    if (problem === null) return { mechanism, problem };
    problems.push(`${mechanism}: ${problem}`);
  }
  return none(problems.join('; '));
}

let probed: Promise<Sandbox> | undefined;

/** The sandbox that this machine supports. Looked for once per process. */
export const getSandbox = (): Promise<Sandbox> => (probed ??= probe());

/**
 * A sandbox for a program on Linux: separate namespaces for users, mounts, network and processes.
 * Its root contains the system's programs and libraries and the folders it may read, all read-only;
 * the only network interface is an unconfigured loopback, no other process is visible, and it has
 * no capability to change any of this. Made with unshare, mount, pivot_root and setpriv
 * (util-linux).
 */
import { execa } from 'execa';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { platform } from 'node:process';
import { getErrorMessage } from '../core/errors.js';

/** What a program may see of the disk. All paths are absolute. */
export interface VisibleFiles {
  /** Real folders and files. */
  readonly paths: readonly string[];
  /** Symbolic links that lead to them: link → target. */
  readonly links: ReadonlyMap<string, string>;
  /** Folders and files in `paths` that appear empty. */
  readonly hidden: readonly string[];
}

/** A command in the sandbox; `remove` deletes its temporary files. */
export interface SandboxCommand {
  readonly command: readonly string[];
  readonly remove: () => void;
}

const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc/alternatives',
  '/etc/ld.so.cache',
  '/etc/ssl/openssl.cnf',
  '/etc/localtime',
];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/urandom', '/dev/random'];

const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const escapeForFstab = (text: string): string =>
  text
    .replaceAll('\\', '\\134')
    .replaceAll(' ', '\\040')
    .replaceAll('\t', '\\011')
    .replaceAll('\n', '\\012');
const isFolder = (path: string): boolean => statSync(path).isDirectory();
/** Whether a path is a folder or is in it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

/** What the root of a sandbox consists of. */
interface Mounts {
  /** Folders and files that are mounted, none of them within another. */
  readonly binds: readonly string[];
  /** Symbolic links to create: link, target. */
  readonly links: readonly (readonly [string, string])[];
  /** Folders and files in the mounts that appear empty. */
  readonly hidden: readonly string[];
  /** Whether a path is in a mount. */
  readonly covered: (path: string) => boolean;
}

function planMounts(visible: VisibleFiles): Mounts {
  const links = new Map(visible.links);
  const wanted = new Set(existing(visible.paths));
  for (const path of SYSTEM.filter((systemPath) => existsSync(systemPath))) {
    if (lstatSync(path).isSymbolicLink()) links.set(path, readlinkSync(path));
    else wanted.add(path);
  }
  // a folder includes everything in it
  const binds = [...wanted]
    .filter((path) => ![...wanted].some((other) => other !== path && isWithin(path, other)))
    .sort();
  const covered = (path: string): boolean => binds.some((bind) => isWithin(path, bind));
  return {
    binds,
    links: [...links].filter(([link]) => !covered(link)),
    hidden: existing(visible.hidden).filter(covered),
    covered,
  };
}

const existing = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));

/** The fstab of the mounts. */
function buildTable(root: string, { binds, hidden }: Mounts): string {
  const inRoot = (path: string): string => escapeForFstab(root + path);
  return [
    ...binds.map((path) => `${escapeForFstab(path)} ${inRoot(path)} none bind,ro 0 0`),
    ...DEVICES.map((path) => `${path} ${inRoot(path)} none bind 0 0`),
    ...hidden.map((path) =>
      isFolder(path)
        ? `none ${inRoot(path)} tmpfs ro,size=4k 0 0`
        : `/dev/null ${inRoot(path)} none bind,ro 0 0`,
    ),
  ].join('\n');
}

/** The shell script that builds the root, makes it the only one, and starts the program. */
function buildScript(root: string, table: string, cwd: string, mounts: Mounts): string {
  const { binds, links, covered } = mounts;
  const folders = [...binds.filter(isFolder), ...(covered(cwd) ? [] : [cwd])];
  const files = [...binds.filter((path) => !isFolder(path)), ...DEVICES];
  const parents = [...files, ...links.map(([link]) => link)].map(dirname);
  const inRoot = (path: string): string => quoteForShell(`.${path}`);
  return [
    'set -e',
    `mount -t tmpfs -o size=16m,mode=755 none ${quoteForShell(root)}`,
    `cd ${quoteForShell(root)}`,
    `mkdir -p ${['/old', '/tmp', '/dev', ...folders, ...parents].map(inRoot).join(' ')}`,
    `touch ${files.map(inRoot).join(' ')}`,
    ...links.map(([link, target]) => `ln -s ${quoteForShell(target)} ${inRoot(link)}`),
    `mount -a -T ${quoteForShell(table)}`,
    'pivot_root . old',
    'cd /',
    // this hides the mounts of the outside, and no capability is left to remove it
    'mount -n -t tmpfs -o ro,size=4k none /old',
    `cd ${quoteForShell(cwd)}`,
    'exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"',
  ].join('\n');
}

/**
 * Wraps a command. The files that describe the sandbox are in a temporary folder until `remove`.
 */
export function buildSandboxCommand(
  command: readonly string[],
  cwd: string,
  visible: VisibleFiles,
): SandboxCommand {
  const folder = mkdtempSync(join(tmpdir(), 'rxb-sandbox-'));
  const root = join(folder, 'root');
  const table = join(folder, 'fstab');
  const script = join(folder, 'sandbox.sh');
  mkdirSync(root);
  const mounts = planMounts(visible);
  writeFileSync(table, `${buildTable(root, mounts)}\n`);
  writeFileSync(script, `${buildScript(root, table, cwd, mounts)}\n`);
  return {
    // the program dies with unshare, unshare dies with us, and so does everything that the program
    // started
    command: [
      ...['setpriv', '--pdeathsig', 'KILL'],
      ...['unshare', '--map-root-user', '--net', '--mount', '--pid', '--fork'],
      ...['--kill-child=KILL', 'sh', script, ...command],
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let probed: Promise<string | null> | undefined;

const probe = async (): Promise<string | null> => {
  if (platform !== 'linux') return `it needs Linux namespaces, and this system is ${platform}`;
  const { command, remove } = buildSandboxCommand(['true'], '/', {
    paths: [],
    links: new Map(),
    hidden: [],
  });
  try {
    const [program = '', ...args] = command;
    const tried = await execa(program, args, { reject: false, timeout: 10_000 });
    return tried.failed
      ? (tried.stderr ?? getErrorMessage(tried)).split('\n')[0]?.slice(0, 200) || 'unshare failed'
      : null;
  } finally {
    remove();
  }
};

/** Why no sandbox can be created on this machine, or null if it can. Checked once per process. */
export const getSandboxProblem = (): Promise<string | null> => (probed ??= probe());

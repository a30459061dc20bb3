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
  mkdirSync(root);
  const links = new Map(visible.links);
  const wanted = new Set(
    visible.paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)),
  );
  for (const path of SYSTEM.filter((systemPath) => existsSync(systemPath))) {
    if (lstatSync(path).isSymbolicLink()) links.set(path, readlinkSync(path));
    else wanted.add(path);
  }
  // a folder includes everything in it
  const binds = [...wanted]
    .filter((path) => ![...wanted].some((other) => other !== path && isWithin(path, other)))
    .sort();
  const covered = (path: string): boolean => binds.some((bind) => isWithin(path, bind));
  const folders = [...binds.filter(isFolder), ...(covered(cwd) ? [] : [cwd])];
  const files = [...binds.filter((path) => !isFolder(path)), ...DEVICES];
  const made = [...links].filter(([link]) => !covered(link));
  const inRoot = (path: string): string => quoteForShell(`.${path}`);
  const table = [
    ...binds.map(
      (path) => `${escapeForFstab(path)} ${escapeForFstab(root + path)} none bind,ro 0 0`,
    ),
    ...DEVICES.map((path) => `${path} ${escapeForFstab(root + path)} none bind 0 0`),
    ...visible.hidden
      .filter((path) => existsSync(path))
      .map((path) => realpathSync(path))
      .filter(covered)
      .map((path) =>
        isFolder(path)
          ? `none ${escapeForFstab(root + path)} tmpfs ro,size=4k 0 0`
          : `/dev/null ${escapeForFstab(root + path)} none bind,ro 0 0`,
      ),
  ];
  writeFileSync(join(folder, 'fstab'), `${table.join('\n')}\n`);
  const script = [
    'set -e',
    `mount -t tmpfs -o size=16m,mode=755 none ${quoteForShell(root)}`,
    `cd ${quoteForShell(root)}`,
    `mkdir -p ${['/old', '/tmp', '/dev', ...folders, ...files.map(dirname), ...made.map(([link]) => dirname(link))].map(inRoot).join(' ')}`,
    `touch ${files.map(inRoot).join(' ')}`,
    ...made.map(([link, target]) => `ln -s ${quoteForShell(target)} ${inRoot(link)}`),
    `mount -a -T ${quoteForShell(join(folder, 'fstab'))}`,
    'pivot_root . old',
    'cd /',
    // this hides the mounts of the outside, and no capability is left to remove it
    'mount -n -t tmpfs -o ro,size=4k none /old',
    `cd ${quoteForShell(cwd)}`,
    'exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"',
  ].join('\n');
  writeFileSync(join(folder, 'sandbox.sh'), `${script}\n`);
  return {
    // the program dies with unshare, unshare dies with us, and so does everything that the program
    // started
    command: [
      'setpriv',
      '--pdeathsig',
      'KILL',
      'unshare',
      '--map-root-user',
      '--net',
      '--mount',
      '--pid',
      '--fork',
      '--kill-child=KILL',
      'sh',
      join(folder, 'sandbox.sh'),
      ...command,
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

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch } from 'node:process';
import type { SandboxRequest } from './sandbox-request.js';
import { DEVICES, isFolder, type Mounts } from './sandbox-mounts.js';
import { LIMITS, quoteForShell } from './shell-text.js';

const escapeForFstab = (text: string): string =>
  text
    .replaceAll('\\', '\\134')
    .replaceAll(' ', '\\040')
    .replaceAll('\t', '\\011')
    .replaceAll('\n', '\\012');

/** The fstab of the mounts. */
function buildTable(root: string, { binds }: Mounts): string {
  const inRoot = (path: string): string => escapeForFstab(root + path);
  return [
    ...binds.map((path) => `${escapeForFstab(path)} ${inRoot(path)} none bind,ro 0 0`),
    ...DEVICES.map((path) => `${path} ${inRoot(path)} none bind 0 0`),
    '',
  ].join('\n');
}

/** The number of prctl(2), which installs a filter. */
const PRCTL: Readonly<Record<string, number>> = { x64: 157, arm64: 167 };

/**
 * Installs a filter of system calls and starts a program: `setpriv` can do the same from util-linux
 * 2.40 on. PR_SET_SECCOMP is 22, SECCOMP_MODE_FILTER is 2.
 */
const INSTALL_FILTER = `my $filter = pack 'H*', shift;
my $program = pack 'S x![P] P', length($filter) / 8, $filter;
syscall(${PRCTL[arch] ?? -1}, 22, 2, $program, 0, 0) == 0 or die "cannot install a filter of system calls: $!\\n";
exec { $ARGV[0] } @ARGV or die "cannot start $ARGV[0]: $!\\n";`;

/** The shell script that builds the root, makes it the only one, and starts the program. */
function buildScript(root: string, table: string, { cwd, mounts, filter }: SandboxRequest): string {
  const { binds, links, covered } = mounts;
  const folders = [...binds.filter(isFolder), ...(covered(cwd) ? [] : [cwd])];
  const files = [...binds.filter((path) => !isFolder(path)), ...DEVICES];
  const parents = [...files, ...links.map(([link]) => link)].map(dirname);
  const inRoot = (path: string): string => quoteForShell(`.${path}`);
  return [
    'set -e',
    `mount -t tmpfs -o size=16m,mode=755 none ${quoteForShell(root)}`,
    `cd ${quoteForShell(root)}`,
    'mkdir tmp',
    'mount -n -t tmpfs -o size=16m,mode=1777 none tmp',
    `mkdir -p ${['/old', '/dev', ...folders, ...parents].map(inRoot).join(' ')}`,
    `touch ${files.map(inRoot).join(' ')}`,
    ...links.map(([link, target]) => `ln -s ${quoteForShell(target)} ${inRoot(link)}`),
    `mount -a -T ${quoteForShell(table)}`,
    'pivot_root . old',
    'cd /',
    // this hides the mounts of the outside, and no capability is left to remove it
    'mount -n -t tmpfs -o ro,size=4k none /old',
    'mount -n -o remount,bind,ro /',
    `cd ${quoteForShell(cwd)}`,
    LIMITS,
    `set -- perl -e ${quoteForShell(INSTALL_FILTER)} ${filter.toString('hex')} "$@"`,
    'exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"',
    '',
  ].join('\n');
}

/**
 * A command in a sandbox that unshare, mount, pivot_root and setpriv of util-linux make, and Perl.
 */
export function wrapWithUtilLinux(request: SandboxRequest): readonly string[] {
  const root = join(request.folder, 'root');
  mkdirSync(root);
  const table = request.write('fstab', buildTable(root, request.mounts));
  const script = request.write('sandbox.sh', buildScript(root, table, request));
  // the program dies with unshare, unshare dies with us, and so does everything that the program
  // started
  return [
    ...['setpriv', '--pdeathsig', 'KILL', 'unshare', '--map-root-user'],
    ...['--net', '--mount', '--pid', '--ipc', '--uts', '--cgroup', '--fork'],
    ...['--kill-child=KILL', 'sh', script, ...request.command],
  ];
}

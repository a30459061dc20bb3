import type { SandboxRequest } from './sandbox-request.js';
import { DEVICES } from './sandbox-mounts.js';
import { LIMITS, quoteForShell } from './shell-text.js';

/** Bytes of /tmp, all that a program can write. */
const TEMPORARY = 16 * 2 ** 20;

/**
 * A command in a sandbox that bubblewrap makes. Its arguments are in a file, like the filter, so
 * that their number is not limited.
 */
export function wrapWithBubblewrap({
  command,
  cwd,
  mounts,
  write,
  filter,
}: SandboxRequest): readonly string[] {
  const { binds, links, covered } = mounts;
  const args = [
    ...['--unshare-user', '--unshare-ipc', '--unshare-pid', '--unshare-net', '--unshare-uts'],
    ...['--unshare-cgroup-try', '--cap-drop', 'ALL', '--die-with-parent', '--new-session'],
    ...['--size', String(TEMPORARY), '--tmpfs', '/tmp'],
    ...binds.flatMap((path) => ['--ro-bind', path, path]),
    ...DEVICES.flatMap((path) => ['--dev-bind', path, path]),
    ...links.flatMap(([link, target]) => ['--symlink', target, link]),
    ...(covered(cwd) ? [] : ['--dir', cwd]),
    ...['--remount-ro', '/', '--chdir', cwd, '--seccomp', '9'],
  ];
  const list = write('bwrap-args', args.map((arg) => `${arg}\0`).join(''));
  const redirected = `8< ${quoteForShell(list)} 9< ${quoteForShell(write('filter', filter))}`;
  return ['sh', '-c', `${LIMITS}; exec bwrap --args 8 "$@" ${redirected}`, 'sh', ...command];
}

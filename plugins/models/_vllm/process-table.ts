/** Running processes with their start times: a process id alone may have been reused. */
import { readdir, readFile } from 'node:fs/promises';
import { kill as send, platform } from 'node:process';
import { execa } from 'execa';

/** A process, identified by its id and start time since this boot of the machine. */
export interface ProcessMark {
  readonly pid: number;
  readonly start: string;
}

interface Row extends ProcessMark {
  readonly group: number;
}

const bootId = async (): Promise<string> =>
  (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();

/**
 * A line of /proc/PID/stat; null for a zombie process. The name in brackets may contain anything.
 */
const parseRow = (stat: string, boot: string): Row | null => {
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, group, start] = [rest[0], Number(rest[2]), rest[19]];
  return state === 'Z' || state === 'X' || start === undefined
    ? null
    : { pid: Number.parseInt(stat, 10), group, start: `${boot}/${start}` };
};

const procRow = async (pid: number | string, boot: string): Promise<Row | null> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null); // it has exited
  return stat === null ? null : parseRow(stat, boot);
};

async function rows(): Promise<readonly Row[]> {
  if (platform === 'linux') {
    const boot = await bootId();
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    return (await Promise.all(pids.map((pid) => procRow(pid, boot)))).filter((row) => row !== null);
  }
  const { stdout } = await execa('ps', ['-A', '-o', 'pid=,pgid=,stat=,lstart='], {
    env: { LC_ALL: 'C' },
  });
  return stdout.split('\n').flatMap((line) => {
    const [pid, group, state, ...start] = line.trim().split(/\s+/);
    return state === undefined || state.startsWith('Z')
      ? []
      : [{ pid: Number(pid), group: Number(group), start: start.join(' ') }];
  });
}

/** The process with that id now; null if there is none. */
export async function getProcessMark(pid: number): Promise<ProcessMark | null> {
  const found =
    platform === 'linux'
      ? await procRow(pid, await bootId())
      : (await rows()).find((row) => row.pid === pid);
  return found === null || found === undefined ? null : { pid: found.pid, start: found.start };
}

/** Whether exactly this process still runs. */
export async function runs({ pid, start }: ProcessMark): Promise<boolean> {
  return (await getProcessMark(pid))?.start === start;
}

/** The processes of a group. */
export async function getGroupMembers(group: number): Promise<readonly ProcessMark[]> {
  return (await rows())
    .filter((row) => row.group === group)
    .map(({ pid, start }) => ({ pid, start }));
}

/** Sends a signal to a process, or to a group (a negative number); false if it no longer exists. */
export function signalTo(target: number, signal: NodeJS.Signals): boolean {
  try {
    return send(target, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

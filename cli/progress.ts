/** Progress of long work on stderr: bars on a terminal, a line every few seconds elsewhere. */
import type { Observer, Task } from '../storage/observer.js';
import type { Io } from './io.js';

const BAR = 24;
const REDRAW_MS = 100;
const LINE_MS = 5000;

interface Running {
  readonly label: string;
  readonly total: number;
  readonly reused: number;
  readonly started: number;
  done: number;
  note: string;
  lastLine: number;
}

const duration = (seconds: number): string =>
  seconds < 60
    ? `${Math.ceil(seconds)} s`
    : seconds < 3600
      ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
      : `${(seconds / 3600).toFixed(1)} h`;

/**
 * One task in words: share, rate, time to go (how long it took, where it has ended); with a bar on
 * a terminal.
 */
export function taskLine(
  { label, total, reused, done, note, started }: Omit<Running, 'lastLine'>,
  now: number,
  form: 'bar' | 'line' | 'end',
): string {
  const seconds = Math.max(0.001, (now - started) / 1000);
  const rate = done / seconds;
  const parts = [label];
  if (total > 0) {
    const completed = Math.min(total, reused + done);
    const filled = Math.round((BAR * completed) / total);
    parts.push(
      `${form === 'bar' ? `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ` : ''}${completed}/${total}${reused > 0 ? ` (${reused} found finished)` : ''}`,
    );
    if (done > 0) parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`);
    if (done > 0 && completed < total && form !== 'end')
      parts.push(`${duration((total - completed) / rate)} to go`);
  }
  if (note !== '') parts.push(note);
  if (form === 'end')
    parts.push(
      `${total > 0 && reused + done < total ? 'stopped after' : 'done in'} ${duration(seconds)}`,
    );
  return parts.join('  ');
}

/** An observer that writes to `io.err`; a quiet one writes warnings only. */
export function progress(
  io: Io,
  quiet: boolean,
  now: () => number = () => performance.now(),
): Observer & { readonly end: () => void } {
  const running = new Set<Running>();
  let drawn = 0;
  let lastDraw = 0;
  const clear = (): void => {
    if (drawn > 0) io.err(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = (force: boolean): void => {
    const columns = io.columns();
    if (columns === null || (!force && now() - lastDraw < REDRAW_MS)) return;
    lastDraw = now();
    clear();
    // a line that wraps would be two lines, and the next drawing would clear too few
    for (const task of running)
      io.err(`${taskLine(task, now(), 'bar').slice(0, Math.max(1, columns - 1))}\n`);
    drawn = running.size;
  };
  const line = (text: string): void => {
    clear();
    io.err(`${text}\n`);
    draw(true);
  };
  const moved = (task: Running): void => {
    if (io.columns() !== null) draw(false);
    else if (now() - task.lastLine >= LINE_MS) {
      task.lastLine = now();
      io.err(`${taskLine(task, now(), 'line')}\n`);
    }
  };
  const silent: Task = { advance: () => {}, note: () => {}, end: () => {} };
  return {
    task: (label, total, reused) => {
      if (quiet) return silent;
      const task: Running = {
        label,
        total,
        reused,
        started: now(),
        done: 0,
        note: '',
        lastLine: now(),
      };
      running.add(task);
      draw(true);
      return {
        advance: (finished) => {
          task.done += finished;
          moved(task);
        },
        note: (text) => {
          task.note = text;
          moved(task);
        },
        end: () => {
          running.delete(task);
          // short work leaves no line behind
          if (now() - task.started >= 1000) line(taskLine(task, now(), 'end'));
          else draw(true);
        },
      };
    },
    info: (message) => {
      if (!quiet) line(message);
    },
    warn: (message) => line(`warning: ${message}`),
    end: clear,
  };
}

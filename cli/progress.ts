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

function formatDuration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * One task in one line: share, rate and remaining time (how long it took, once it has ended); with
 * a bar on a terminal.
 * @internal Exported for its tests.
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
    const bar = form === 'bar' ? `${'█'.repeat(filled)}${'░'.repeat(BAR - filled)} ` : '';
    parts.push(`${bar}${completed}/${total}${reused > 0 ? ` (${reused} reused)` : ''}`);
    if (done > 0) parts.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`);
    if (done > 0 && completed < total && form !== 'end')
      parts.push(`${formatDuration((total - completed) / rate)} left`);
  }
  if (note !== '') parts.push(note);
  if (form === 'end')
    parts.push(
      `${total > 0 && reused + done < total ? 'stopped after' : 'done in'} ${formatDuration(seconds)}`,
    );
  return parts.join('  ');
}

const SILENT: Task = { advance: () => {}, note: () => {}, end: () => {} };

/** Draws running tasks: bars that are redrawn in place on a terminal, lines elsewhere. */
class ProgressDisplay {
  readonly #running = new Set<Running>();
  readonly #io: Io;
  readonly #now: () => number;
  #drawn = 0;
  #lastDraw = 0;

  constructor(io: Io, now: () => number) {
    this.#io = io;
    this.#now = now;
  }

  /** Removes the bars from the terminal. */
  clear(): void {
    if (this.#drawn > 0) this.#io.err(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  /** Prints a line above the bars. */
  line(text: string): void {
    this.clear();
    this.#io.err(`${text}\n`);
    this.#draw(true);
  }

  start(label: string, total: number, reused: number): Task {
    const started = this.#now();
    const task: Running = { label, total, reused, started, done: 0, note: '', lastLine: started };
    this.#running.add(task);
    this.#draw(true);
    return {
      advance: (finished) => {
        task.done += finished;
        this.#changed(task);
      },
      note: (text) => {
        task.note = text;
        this.#changed(task);
      },
      end: () => {
        this.#running.delete(task);
        // short work leaves no line
        if (this.#now() - task.started >= 1000) this.line(taskLine(task, this.#now(), 'end'));
        else this.#draw(true);
      },
    };
  }

  #draw(force: boolean): void {
    const columns = this.#io.columns();
    const now = this.#now();
    if (columns === null || (!force && now - this.#lastDraw < REDRAW_MS)) return;
    this.#lastDraw = now;
    this.clear();
    // a line that wraps would be two lines, and the next drawing would clear too few
    for (const task of this.#running)
      this.#io.err(`${taskLine(task, now, 'bar').slice(0, Math.max(1, columns - 1))}\n`);
    this.#drawn = this.#running.size;
  }

  #changed(task: Running): void {
    if (this.#io.columns() !== null) this.#draw(false);
    else if (this.#now() - task.lastLine >= LINE_MS) {
      task.lastLine = this.#now();
      this.#io.err(`${taskLine(task, this.#now(), 'line')}\n`);
    }
  }
}

/** An observer that writes to `io.err`; a quiet one writes warnings only. */
export function progress(
  io: Io,
  quiet: boolean,
  now: () => number = () => performance.now(),
): Observer & { readonly end: () => void } {
  const display = new ProgressDisplay(io, now);
  return {
    task: (label, total, reused) => (quiet ? SILENT : display.start(label, total, reused)),
    info: (message) => {
      if (!quiet) display.line(message);
    },
    warn: (message) => display.line(`warning: ${message}`),
    end: () => display.clear(),
  };
}

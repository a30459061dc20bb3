import { randomUUID } from 'node:crypto';
import { kill, pid } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { SharedFolder } from './shared-folder.js';

/** File names contain the id of their request; our ids contain the process id. */
const OWN = /rxb-(\d+)-[0-9a-f]{8}-\d+(?=\D)/;
const SWEEP_MS = 1000;
/** The server may write a file this long after its request has ended. */
const LATE_MS = 30_000;
/**
 * Files of a harness that has exited are removed only at this age: its process id may be that of a
 * process on another machine.
 */
const STALE_MS = 60_000;
const CLOSE_LOOK_MS = 50;
const CLOSE_CALM_MS = 500;
const CLOSE_LONGEST_MS = 10_000;

const isGone = (process: number): boolean => {
  try {
    kill(process, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
};

/**
 * The files that a server writes, one or more per request, including requests whose files nobody
 * wants and cancelled ones. Each request has its own id, which its file names contain; once the
 * request has ended, its files are removed whenever they appear.
 */
export class RequestFiles {
  readonly #session = `rxb-${pid}-${randomUUID().slice(0, 8)}`;
  readonly #active = new Set<string>();
  #count = 0;
  #lastEnd = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(readonly shared: SharedFolder) {}

  /** The id of a new request. */
  begin(): string {
    const id = `${this.#session}-${++this.#count}`;
    this.#active.add(id);
    return id;
  }

  /** From now on nobody needs its files. */
  end(id: string): void {
    this.#active.delete(id);
    this.#lastEnd = performance.now();
    this.#timer ??= this.#later();
  }

  /** Removes existing files, and waits a moment for files that the server is about to write. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#count > 0) await this.#sweepUntilCalm();
    await this.shared.close();
  }

  async #sweepUntilCalm(): Promise<void> {
    this.#active.clear();
    const began = performance.now();
    let calm = began;
    for (
      let now = began;
      now - calm < CLOSE_CALM_MS && now - began < CLOSE_LONGEST_MS;
      now = performance.now()
    ) {
      if ((await this.sweep()) > 0) calm = now;
      await pause(CLOSE_LOOK_MS);
    }
  }

  /** Removes the files of requests that have ended; returns how many. */
  async sweep(): Promise<number> {
    return await this.shared.remove((name, modified) => {
      const [id, process] = OWN.exec(name) ?? [];
      if (id === undefined || this.#active.has(id)) return false;
      if (id.startsWith(`${this.#session}-`)) return true;
      return Date.now() - modified >= STALE_MS && isGone(Number(process));
    });
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => {
      void this.sweep()
        .catch(() => 0)
        .then(() => {
          this.#timer = performance.now() - this.#lastEnd < LATE_MS ? this.#later() : undefined;
        });
    }, SWEEP_MS).unref();
  }
}

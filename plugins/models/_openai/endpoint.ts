import { showAddress } from 'routerxbench/redact';
import { Pool } from 'undici';
import { RequestFailure } from './failure.js';

/** After this many failures in a row, a server counts as unreachable until it replies again. */
const TROUBLES = 5;
const FIRST_PROBE_MS = 200;
const LAST_PROBE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 30_000;

/**
 * One server of the pool: how many requests it gets at once, and whether it is reachable. The limit
 * starts low and grows with each reply, fast until the first 429 and then by one per round; a 429
 * halves it. A round counts once, however many of its requests were rejected.
 */
export class Endpoint {
  readonly connections: Pool;
  /** Base path of requests, and the query that each of them has (Azure's api-version). */
  readonly #path: string;
  readonly #query: string;
  inFlight = 0;
  #limit: number;
  #throttled = false;
  /** Requests sent before this time belong to a round whose 429 was already handled. */
  #roundStart = -Infinity;
  #pausedUntil = -Infinity;
  #pauses = 0;
  #troubles = 0;
  #probes = 0;
  /** When it became unreachable; undefined while it is reachable. */
  downSince: number | undefined;
  probeAt = Infinity;

  /** Its address as it is shown: the query may hold a key. */
  readonly shown: string;

  constructor(
    readonly url: string,
    private readonly most: number,
  ) {
    this.shown = showAddress(url);
    const { origin, pathname, search } = new URL(url);
    this.#path = pathname.replace(/\/+$/, '');
    this.#query = search;
    this.connections = new Pool(origin, {
      connections: most,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 10_000,
    });
    this.#limit = Math.min(16, most);
  }

  /** The whole path of a request. */
  getPath(path: string): string {
    return `${this.#path}${path}${this.#query}`;
  }

  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  get load(): number {
    return this.inFlight / this.limit;
  }

  /** Whether it accepts another request now. */
  free(now: number): boolean {
    return this.downSince === undefined && now >= this.#pausedUntil && this.inFlight < this.limit;
  }

  /** Milliseconds until it accepts requests again, as it has asked for. */
  pauseLeft(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** When the next check makes sense, if only time has to pass. */
  wakeAt(): number {
    if (this.downSince !== undefined) return this.probeAt;
    return this.inFlight < this.limit ? this.#pausedUntil : Infinity;
  }

  succeeded(): void {
    this.#troubles = 0;
    this.#pauses = 0;
    this.#limit = Math.min(this.most, this.#limit + (this.#throttled ? 1 / this.#limit : 1));
  }

  failed(failure: RequestFailure, sentAt: number, now: number): void {
    if (failure.kind === 'throttled') {
      if (sentAt >= this.#roundStart) {
        this.#roundStart = now;
        this.#throttled = true;
        this.#limit = Math.max(1, this.#limit / 2);
        this.#pauses++;
      }
      const pauseMs =
        Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#pauses - 1)) * (0.5 + Math.random());
      this.#pausedUntil = Math.max(
        this.#pausedUntil,
        now + (failure.options.retryAfterMs ?? pauseMs),
      );
      // Requests that were in flight when it became unreachable fail afterwards, which is nothing
      // new.
    } else if (
      this.downSince === undefined &&
      (failure.kind === 'refused' || (failure.passing && ++this.#troubles >= TROUBLES))
    )
      this.wentAway(now);
  }

  wentAway(now: number): void {
    this.downSince ??= now;
    this.probeAt = now + Math.min(LAST_PROBE_MS, FIRST_PROBE_MS * 2 ** this.#probes++);
  }

  cameBack(): void {
    this.downSince = undefined;
    this.probeAt = Infinity;
    this.#troubles = 0;
    this.#probes = 0;
  }

  get failedProbes(): number {
    return this.#probes;
  }
}

import { Pool } from 'undici';
import { RequestFailure } from './failure.js';

/** Failures in a row after which a server counts as gone until it is seen again. */
const TROUBLES = 5;
const FIRST_PROBE_MS = 200;
const LAST_PROBE_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 30_000;

/**
 * One server of the pool: how much it is given at once, and whether it is there. The limit starts
 * low and grows with each reply,
 * fast until the first 429 and then by one a round; a 429 halves it. A round counts once, however
 * many of its requests were refused.
 */
export class Endpoint {
  readonly connections: Pool;
  /** Path that requests are put after. */
  readonly path: string;
  inFlight = 0;
  #limit: number;
  #throttled = false;
  /** Requests sent before this moment belong to a round whose 429 was already answered. */
  #roundStart = -Infinity;
  #pausedUntil = -Infinity;
  #pauses = 0;
  #troubles = 0;
  #probes = 0;
  /** When it went away; undefined while it is there. */
  downSince: number | undefined;
  probeAt = Infinity;

  constructor(
    readonly url: string,
    private readonly most: number,
  ) {
    const { origin, pathname } = new URL(url);
    this.path = pathname.replace(/\/+$/, '');
    this.connections = new Pool(origin, {
      connections: most,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 10_000,
    });
    this.#limit = Math.min(16, most);
  }

  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  get load(): number {
    return this.inFlight / this.limit;
  }

  /** Whether it takes another request now. */
  free(now: number): boolean {
    return this.downSince === undefined && now >= this.#pausedUntil && this.inFlight < this.limit;
  }

  /** When it is worth looking again, where only time stands in the way. */
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
      // What was under way when it went away fails after that, and tells nothing new.
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

import { setTimeout as after } from 'node:timers';
import { Endpoint } from './endpoint.js';
import { exchange } from './http-exchange.js';
import { RequestFailure } from './failure.js';
import { probeServer, type ServerStatus } from './probe-server.js';
import { onAbort } from './on-abort.js';
import type { SecretHeaders } from './secret-headers.js';
import { ModelError } from '../_errors.js';

const PROBE_TIMEOUT_MS = 5000;
/** A server that was never reachable is given up after this many checks. */
const FIRST_LOOKS = 3;
/** Waits from this length on are shown. */
const SHOWN_WAIT_MS = 5000;

interface Waiting {
  readonly resolve: (endpoint: Endpoint) => void;
  readonly reject: (error: Error) => void;
}

/** What a pool needs. */
export interface PoolSettings {
  readonly model: string;
  readonly urls: readonly string[];
  readonly concurrency: number;
  readonly patienceMs: number;
  readonly longestWaitMs: number;
  /** Maximum size of a reply. */
  readonly mostBytes: number;
  /** Told of a wait that a server asked for. */
  readonly onWait: (seconds: number, reason: string) => void;
}

/**
 * The servers of one model. A request goes to the one with the least load relative to its limit;
 * unreachable servers get none until they are reachable again, and their requests go to the others.
 * Requests wait in order of arrival.
 */
export class ServerPool {
  readonly endpoints: readonly Endpoint[];
  /** In order of arrival. */
  readonly #waiting = new Set<Waiting>();
  readonly #closed = new AbortController();
  #seen = false;
  /** End of the last wait that was shown. */
  #shownUntil = -Infinity;
  #fatal: Error | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: PoolSettings,
    private readonly secret: SecretHeaders,
  ) {
    this.endpoints = settings.urls.map((url) => new Endpoint(url, settings.concurrency));
  }

  /** Maximum number of concurrent requests of all servers together. */
  get most(): number {
    return this.settings.concurrency * this.settings.urls.length;
  }

  /**
   * Waits for a server and sends it a request. `sending` is called when its turn has come.
   * @throws RequestFailure if this request failed; HarnessError RXB4101 if no server is left.
   */
  async send(
    path: string,
    body: string,
    timeoutMs: number,
    signal: AbortSignal,
    sending: () => void,
  ): Promise<unknown> {
    const endpoint = await this.#acquire(signal);
    try {
      sending();
      const sentAt = performance.now();
      try {
        const reply = await exchange(endpoint, this.secret, {
          method: 'POST',
          path,
          body,
          timeoutMs,
          mostBytes: this.settings.mostBytes,
          signal,
        });
        this.#seen = true;
        endpoint.succeeded();
        return reply;
      } catch (error) {
        if (error instanceof RequestFailure) {
          endpoint.failed(error, sentAt, performance.now());
          if (error.options.status !== undefined) this.#seen = true;
          if (error.kind === 'throttled') this.#wait(error);
        }
        throw error;
      }
    } finally {
      endpoint.inFlight--;
      this.#serve();
    }
  }

  /** No more requests are sent: all waiting and later ones fail with this error. */
  giveUp(error: Error): void {
    this.#fatal ??= error;
    for (const { reject } of this.#waiting) reject(this.#fatal);
    this.#waiting.clear();
  }

  /** Requests the list of models of every server. */
  async look(signal: AbortSignal): Promise<readonly ServerStatus[]> {
    return await Promise.all(
      this.endpoints.map((endpoint) => probeServer(endpoint, this.secret, signal)),
    );
  }

  async close(): Promise<void> {
    this.giveUp(new Error('the model was closed'));
    this.#closed.abort(new Error('the model was closed'));
    clearTimeout(this.#timer);
    await Promise.all(this.endpoints.map(({ connections }) => connections.destroy()));
  }

  async #acquire(signal: AbortSignal): Promise<Endpoint> {
    signal.throwIfAborted();
    if (this.#fatal !== undefined) throw this.#fatal;
    return await new Promise<Endpoint>((resolve, reject) => {
      const forget = onAbort(signal, () => {
        this.#waiting.delete(waiting);
        reject(signal.reason as Error);
      });
      const waiting: Waiting = {
        resolve: (endpoint) => {
          forget();
          resolve(endpoint);
        },
        reject: (error) => {
          forget();
          reject(error);
        },
      };
      this.#waiting.add(waiting);
      this.#serve();
    });
  }

  /** Assigns servers to waiting requests, and schedules its next call if only time has to pass. */
  #serve(): void {
    const now = performance.now();
    for (const waiting of this.#waiting) {
      const chosen = this.#leastLoaded(now);
      if (chosen === undefined) break;
      chosen.inFlight++;
      this.#waiting.delete(waiting);
      waiting.resolve(chosen);
    }
    clearTimeout(this.#timer);
    if (this.#waiting.size === 0) return;
    const next = Math.min(...this.endpoints.map((endpoint) => endpoint.wakeAt()));
    if (next < Infinity) this.#timer = after(() => this.#wake(), Math.max(1, next - now));
  }

  /** Says that all servers have asked to wait, or ends the work where that takes too long. */
  #wait(cause: RequestFailure): void {
    const now = performance.now();
    const left = Math.min(...this.endpoints.map((endpoint) => endpoint.pauseLeft(now)));
    const { model, longestWaitMs, onWait } = this.settings;
    if (left > longestWaitMs) {
      const details = {
        model,
        until: new Date(Date.now() + left).toISOString(),
        seconds: longestWaitMs / 1000,
        problem: cause.message,
      };
      this.giveUp(new ModelError('serverAsksToWait', details, { cause }));
    } else if (left >= SHOWN_WAIT_MS && now + left > this.#shownUntil + SHOWN_WAIT_MS) {
      this.#shownUntil = now + left;
      onWait(Math.ceil(left / 1000), cause.message);
    }
  }

  #leastLoaded(now: number): Endpoint | undefined {
    let best: Endpoint | undefined;
    for (const endpoint of this.endpoints)
      if (endpoint.free(now) && (best === undefined || endpoint.load < best.load)) best = endpoint;
    return best;
  }

  #wake(): void {
    const now = performance.now();
    for (const endpoint of this.endpoints) if (endpoint.probeAt <= now) void this.#probe(endpoint);
    this.#serve();
  }

  async #probe(endpoint: Endpoint): Promise<void> {
    endpoint.probeAt = Infinity; // one check at a time
    try {
      await exchange(endpoint, this.secret, {
        method: 'GET',
        path: '/models',
        timeoutMs: PROBE_TIMEOUT_MS,
        signal: this.#closed.signal,
      });
      endpoint.cameBack();
    } catch (error) {
      if (this.#closed.signal.aborted) return;
      // any reply but a 5xx shows that it is reachable
      if (error instanceof RequestFailure && (error.options.status ?? 500) < 500)
        endpoint.cameBack();
      else this.#stillGone(endpoint, error);
    }
    this.#serve();
  }

  #stillGone(endpoint: Endpoint, cause: unknown): void {
    const now = performance.now();
    endpoint.wentAway(now);
    const gone = this.endpoints.every(
      ({ downSince, failedProbes }) =>
        downSince !== undefined &&
        (this.#seen ? now - downSince >= this.settings.patienceMs : failedProbes > FIRST_LOOKS),
    );
    if (!gone) return;
    const { model } = this.settings;
    this.giveUp(
      new ModelError(
        'serverUnreachable',
        {
          model,
          urls: this.endpoints.map(({ shown }) => shown).join(', '),
          problem: cause instanceof Error ? cause.message : String(cause),
        },
        { cause },
      ),
    );
  }
}

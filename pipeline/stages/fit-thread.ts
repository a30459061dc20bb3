/**
 * A thread that opens the project anew and fits one router after the other, so that every core
 * fits.
 */
import { Worker } from 'node:worker_threads';
import { HarnessError, HarnessErrors, type ErrorData } from '../../core/errors.js';
import type { JsonObject } from '../../core/util/json.js';
import { asPluginError } from '../../sandbox/thrown.js';
import type { Observer, Task } from '../../storage/observer.js';
import type { Reopening } from '../run-context.js';

/** One fit, and the cores that it may keep busy. */
export interface FitOrder {
  readonly router: string;
  /** Options that replace those of the config. */
  readonly chosen: JsonObject;
  readonly seed: number;
  readonly cores: number;
}
/** What a thread is asked: a fit, to stop the current one, or to end. */
export type FitRequest = FitOrder | 'stop' | 'close';

/** What it replies: how the fit goes, then how it ended. */
export type FitReply =
  | { readonly type: 'start'; readonly label: string }
  | { readonly type: 'advance'; readonly by: number }
  | { readonly type: 'note' | 'warn' | 'info'; readonly text: string }
  | { readonly type: 'printed'; readonly router: string; readonly text: string }
  | { readonly type: 'end' }
  | { readonly type: 'done'; readonly trainer: string | null }
  | {
      readonly type: 'refused';
      readonly errors: readonly (ErrorData & { readonly thrown: string })[];
    }
  | { readonly type: 'failed'; readonly text: string; readonly thrown: string };

/** One such thread. It fits one router at a time. */
export class FitThread {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #alive = true;

  constructor(
    reopening: Reopening,
    private readonly observer: Observer,
    private readonly signal: AbortSignal,
    /** Gets what a router printed. */
    private readonly keep: (router: string, text: string) => void,
  ) {
    this.#worker = new Worker(new URL('./fit-worker.js', import.meta.url), {
      workerData: reopening,
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#alive = false;
        resolve();
      });
    });
    this.#worker.on('error', () => undefined); // the current fit reports it
  }

  /** False where a plugin has ended the thread. */
  get alive(): boolean {
    return this.#alive;
  }

  /**
   * Fits and stores the weights; returns what computed the fit, where the router says so.
   * @throws what the fit threw
   */
  async fit(order: FitOrder): Promise<string | null> {
    const stop = (): void => this.#worker.postMessage('stop' satisfies FitRequest);
    this.signal.addEventListener('abort', stop, { once: true });
    try {
      return await this.#exchange(order);
    } catch (error) {
      this.signal.throwIfAborted();
      throw error;
    } finally {
      this.signal.removeEventListener('abort', stop);
    }
  }

  /** Ends the thread after the current fit. */
  async close(): Promise<void> {
    if (this.#alive) this.#worker.postMessage('close' satisfies FitRequest);
    await this.#ended;
  }

  #exchange(request: FitRequest): Promise<string | null> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      let task: Task | undefined;
      const settle = (then: () => void): void => {
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        task?.end();
        then();
      };
      const onMessage = (reply: FitReply): void => {
        if (reply.type === 'start') task = this.observer.task(reply.label, 0, 0);
        else if (reply.type === 'advance') task?.advance(reply.by);
        else if (reply.type === 'note') task?.note(reply.text);
        else if (reply.type === 'warn') this.observer.warn(reply.text);
        else if (reply.type === 'info') this.observer.info(reply.text);
        else if (reply.type === 'printed') this.keep(reply.router, reply.text);
        else if (reply.type === 'end') {
          task?.end();
          task = undefined;
        } else if (reply.type === 'done') settle(() => resolve(reply.trainer));
        else if (reply.type === 'refused') settle(() => reject(buildError(reply.errors)));
        else if (reply.type === 'failed')
          settle(() => reject(asPluginError(reply.thrown, reply.text)));
      };
      const onError = (error: Error): void => settle(() => reject(error));
      const onExit = (): void => settle(() => reject(new Error('its thread ended')));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      worker.postMessage(request);
    });
  }
}

function buildError(
  errors: Extract<FitReply, { type: 'refused' }>['errors'],
): HarnessError | HarnessErrors {
  const harnessErrors = errors.map(({ thrown, ...data }) => {
    const error = new HarnessError(data);
    error.cause = asPluginError(thrown);
    return error;
  });
  const [first] = harnessErrors;
  return harnessErrors.length === 1 && first !== undefined
    ? first
    : new HarnessErrors(harnessErrors);
}

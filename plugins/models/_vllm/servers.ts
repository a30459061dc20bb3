import { setTimeout as pause } from 'node:timers/promises';
import type { HarnessError, ServerState } from '../../../core/index.js';
import type { ServerPlan } from './command.js';
import { ManagedServer, type ServerSettings } from './managed-server.js';
import { getGroupMembers, runs, signalTo, type ProcessMark } from './process-table.js';
import { dropRecord, listRecords, type ServerRecord } from './server-record.js';

const LOOK_MS = 100;
/** Time that a supervisor may take in addition to that of its server. */
const SUPERVISOR_SECONDS = 20;

/** All servers of one model. */
export class Servers {
  readonly #servers: readonly ManagedServer[];

  constructor(
    plans: readonly ServerPlan[],
    private readonly settings: ServerSettings,
  ) {
    this.#servers = plans.map((plan) => new ManagedServer(plan, settings));
  }

  /**
   * Finds or starts every server, and waits until all answer; if one fails, those that were started
   * are stopped again. `lost` is called when the last reachable one has exited by itself.
   */
  async open(
    tethered: boolean,
    signal: AbortSignal,
    lost: (error: HarnessError) => void = () => undefined,
  ): Promise<readonly ServerState[]> {
    let alive = this.#servers.length;
    const failed = new AbortController(); // the others need not be waited for
    const either = AbortSignal.any([signal, failed.signal]);
    const ends = await Promise.allSettled(
      this.#servers.map(async (server) => {
        try {
          return await this.#find(server, tethered, either, (error) => {
            if (--alive === 0) lost(error);
          });
        } catch (error) {
          failed.abort(error);
          throw error;
        }
      }),
    );
    if (failed.signal.aborted) {
      await this.close();
      throw failed.signal.reason;
    }
    return ends.map((end) => (end as PromiseFulfilledResult<ServerState>).value);
  }

  async #find(
    server: ManagedServer,
    tethered: boolean,
    signal: AbortSignal,
    lost: (error: HarnessError) => void,
  ): Promise<ServerState> {
    const { logger, workspace } = this.settings;
    const kept = await server.kept(); // it may still be loading
    const found = kept || (await server.answers(signal));
    if (found) logger.info(`${workspace.model}: ${server.url} is already running`);
    else await server.start(tethered);
    if (kept || !found) await server.ready(signal);
    server.onEnd = (error) => {
      logger.warn(error.problem);
      lost(error);
    };
    return server.state(found ? 'running' : 'started');
  }

  /**
   * Which of them answer now.
   * @throws HarnessError RXB4011
   */
  async running(signal: AbortSignal): Promise<readonly boolean[]> {
    return await Promise.all(this.#servers.map((server) => server.answers(signal)));
  }

  /** Detaches from the servers: they continue without this process. */
  async release(): Promise<void> {
    for (const server of this.#servers) server.release();
    await this.close();
  }

  /** Stops what {@link open} has started. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map(async (server) => {
        await server.stop();
        await server.close();
      }),
    );
  }

  /** Stops every recorded server of the model. */
  async stop(): Promise<readonly ServerState[]> {
    const records = await listRecords(this.settings.workspace);
    const stopped = await Promise.all(
      records.map(async ({ file, record }): Promise<ServerState> => {
        const { url, log, keeper: supervisor } = record;
        const was = await this.#end(record);
        await dropRecord(file);
        return { url, log, pid: supervisor.pid, state: was ? 'stopped' : 'absent' };
      }),
    );
    const known = new Set(records.map(({ record }) => record.url));
    await Promise.all(this.#servers.map((server) => server.close()));
    return [
      ...stopped,
      ...this.#servers
        .filter(({ url }) => !known.has(url))
        .map(({ url }): ServerState => ({ url, state: 'absent' })),
    ];
  }

  /** False if nothing of it was left. An id that was reused by another process is ignored. */
  async #end({ keeper: supervisor, group, members }: ServerRecord): Promise<boolean> {
    const { stopSeconds } = this.settings;
    if (await runs(supervisor)) {
      signalTo(supervisor.pid, 'SIGTERM');
      if (await gone([supervisor], stopSeconds + SUPERVISOR_SECONDS)) return true;
      signalTo(supervisor.pid, 'SIGKILL');
    }
    // Its supervisor is gone. One process that is known to belong to the group shows that the group
    // is still the same.
    const left = (await still(members)).length === 0 ? [] : await getGroupMembers(group);
    for (const { pid } of left) signalTo(pid, 'SIGTERM');
    if (!(await gone(left, stopSeconds)))
      for (const { pid } of await still(left)) signalTo(pid, 'SIGKILL');
    return left.length > 0;
  }
}

async function still(marks: readonly ProcessMark[]): Promise<readonly ProcessMark[]> {
  const alive = await Promise.all(marks.map(runs));
  return marks.filter((_, at) => alive[at]);
}

async function gone(marks: readonly ProcessMark[], seconds: number): Promise<boolean> {
  for (
    const end = performance.now() + 1000 * seconds;
    performance.now() < end;
    await pause(LOOK_MS)
  )
    if ((await still(marks)).length === 0) return true;
  return (await still(marks)).length === 0;
}

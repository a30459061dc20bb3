import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HarnessError, type Logger, type Place, type ServerState } from '../../../core/index.js';
import { Endpoint } from '../_openai/endpoint.js';
import { lookAt, type Sight } from '../_openai/look.js';
import type { SecretHeaders } from '../_openai/secret-headers.js';
import { inShell, statesFolder, type ServerPlan } from './command.js';
import { neededProgram } from './find-program.js';
import type { KeeperTask } from './keeper.js';
import { logTail } from './log-tail.js';
import { runs } from './process-table.js';
import { readRecord, recordFile } from './record.js';

const KEEPER = fileURLToPath(new URL('keeper.js', import.meta.url));
const POLL_MS = 300;
const NOTE_MS = 5000;
const HEALTH_TIMEOUT_MS = 5000;
const TAIL_LINES = 12;

/** What the servers of one model have in common. */
export interface ServerSettings {
  readonly model: string;
  /** Names under which it may be listed. */
  readonly servedAs: readonly string[];
  readonly startSeconds: number;
  readonly stopSeconds: number;
  readonly place: Place;
  /** Folder of the hidden states that the servers write, each in a folder of its own in it. */
  readonly states: string | null;
  readonly logger: Logger;
  readonly secret: SecretHeaders;
  /** The secrets of the server's environment. */
  readonly environment: (plan: ServerPlan) => Readonly<Record<string, string>>;
}

interface Keeper {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
}

function startKeeper(task: KeeperTask, environment: Readonly<Record<string, string>>): Keeper {
  const out = openSync(task.log, 'a');
  try {
    // Its standard input is what it holds on to: the other end closes with this process, even if
    // that is killed.
    const keeper = spawn(execPath, [KEEPER, JSON.stringify(task)], {
      detached: true,
      stdio: [task.tethered ? 'pipe' : 'ignore', out, out],
      env: { ...env, ...environment },
    });
    keeper.stdin?.on('error', () => undefined); // it has ended
    keeper.unref();
    return {
      process: keeper,
      ended: new Promise((resolve) => keeper.once('exit', resolve).once('error', resolve)),
    };
  } finally {
    closeSync(out);
  }
}

/** One server of a model: found there, or started and looked after. */
export class ManagedServer {
  readonly url: string;
  readonly #endpoint: Endpoint;
  #keeper: Keeper | undefined;
  #log: string | undefined;
  #ended = false;
  /** Told when a server that this process has started ends by itself. */
  onEnd: (error: HarnessError) => void = () => undefined;

  constructor(
    private readonly plan: ServerPlan,
    private readonly settings: ServerSettings,
  ) {
    this.url = plan.url;
    this.#endpoint = new Endpoint(plan.url, 1);
  }

  /** Whether the right server answers. @throws HarnessError RXB4011 where another one does. */
  async answers(signal: AbortSignal): Promise<boolean> {
    const sight = await this.#look(signal);
    if (!sight.listening) return false;
    const problem = this.#wrong(sight);
    if (problem !== null)
      throw new HarnessError('RXB4011', { url: this.url, model: this.settings.model, problem });
    return true;
  }

  /** Whether a process that the harness has started looks after it. */
  async kept(): Promise<boolean> {
    const record = await readRecord(recordFile(this.settings.place, this.plan.port));
    if (record === null || record.url !== this.url || !(await runs(record.keeper))) return false;
    this.#log ??= record.log;
    return true;
  }

  /** Starts it; @throws HarnessError RXB4010. A tethered one ends with this process. */
  async start(tethered: boolean): Promise<void> {
    const { model, place, stopSeconds, logger, environment } = this.settings;
    const states =
      this.settings.states === null ? null : statesFolder(this.settings.states, this.plan.port);
    const [program] = this.plan.command;
    await neededProgram(model, program);
    const started = new Date().toISOString();
    const log = join(
      place.results,
      'logs',
      `${place.model}-${this.plan.port}-${started.replace(/[:.]/g, '-')}.log`,
    );
    await mkdir(dirname(log), { recursive: true });
    if (states !== null) await mkdir(states, { recursive: true });
    const shown = inShell(this.plan);
    logger.info(`${place.model}: ${shown}`);
    this.#log = log;
    this.#ended = false;
    const { command, env: own } = this.plan;
    const secrets = Object.keys(own).filter((name) => typeof own[name] !== 'string');
    const keeper = startKeeper(
      {
        model: place.model,
        url: this.url,
        log,
        started,
        tethered,
        record: recordFile(place, this.plan.port),
        command,
        shown,
        stopSeconds,
        states,
        secrets,
      },
      environment(this.plan),
    );
    this.#keeper = keeper;
    void keeper.ended.then(async () => {
      if (this.#keeper !== keeper) return; // it was stopped
      this.#ended = true;
      this.onEnd(await this.#died());
    });
    logger.info(`${place.model}: log in ${log} (${model})`);
  }

  /**
   * Waits until it answers as it should. @throws HarnessError RXB4011, RXB4012, RXB4013; the reason
   * of the signal.
   */
  async ready(signal: AbortSignal): Promise<void> {
    const { model, startSeconds, place, logger } = this.settings;
    const began = performance.now();
    let told = began;
    for (;;) {
      signal.throwIfAborted();
      if ((await this.#healthy()) && (await this.answers(signal))) break;
      if (this.#ended || (this.#keeper === undefined && !(await this.kept())))
        throw await this.#died();
      const now = performance.now();
      const waited = (now - began) / 1000;
      const [last = 'its log is empty'] = await this.#tail(1);
      if (waited > startSeconds)
        throw new HarnessError('RXB4013', {
          model,
          url: this.url,
          seconds: startSeconds,
          problem: await this.#lastWords(),
          log: this.#log ?? 'its log',
        });
      if (now - told > NOTE_MS) {
        told = now;
        logger.info(
          `${place.model}: waiting for ${this.url}, ${Math.round(waited)} s: ${last.slice(0, 160)}`,
        );
      }
      await pause(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    logger.info(`${place.model}: ${this.url} answers`);
  }

  /** Ends what {@link start} has started, and waits for that. */
  async stop(): Promise<void> {
    const keeper = this.#keeper;
    this.#keeper = undefined;
    if (keeper === undefined || this.#ended) return;
    if (keeper.process.stdin === null) keeper.process.kill('SIGTERM');
    else keeper.process.stdin.end();
    keeper.process.ref();
    await keeper.ended;
  }

  /** Lets go of what it has started: it goes on without this process. */
  release(): void {
    this.#keeper = undefined;
  }

  /** What is to be told of it. */
  state(state: ServerState['state']): ServerState {
    const pid = this.#keeper?.process.pid;
    return {
      url: this.url,
      state,
      ...(pid === undefined ? {} : { pid }),
      ...(this.#log === undefined ? {} : { log: this.#log }),
    };
  }

  /** Closes the connections of looking. */
  async close(): Promise<void> {
    await this.#endpoint.connections.destroy();
  }

  async #look(signal: AbortSignal): Promise<Sight> {
    return await lookAt(this.#endpoint, this.settings.secret, signal);
  }

  /** Why what answers is not the right server; null where it is. */
  #wrong({ models, problem }: Sight): string | null {
    const { model, servedAs } = this.settings;
    if (problem !== null) return problem;
    if (models === null) return 'it lists no models';
    return [model, ...servedAs].some((name) => models.includes(name))
      ? null
      : `it serves ${models.slice(0, 5).join(', ') || 'nothing'}`;
  }

  async #healthy(): Promise<boolean> {
    try {
      const { status, body } = await fetch(new URL('/health', this.url), {
        signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
      });
      await body?.cancel();
      return status === 200;
    } catch {
      return false; // nobody listens yet
    }
  }

  async #died(): Promise<HarnessError> {
    const { model } = this.settings;
    return new HarnessError('RXB4012', {
      model,
      url: this.url,
      problem: await this.#lastWords(),
      log: this.#log ?? 'its log',
    });
  }

  async #tail(lines: number): Promise<readonly string[]> {
    if (this.#log === undefined) return [];
    return (await logTail(this.#log, lines)).map((line) => this.settings.secret.clean(line));
  }

  async #lastWords(): Promise<string> {
    const lines = await this.#tail(TAIL_LINES);
    return lines.length === 0
      ? 'its log is empty'
      : `the log ends with\n${lines.map((line) => `    ${line}`).join('\n')}`;
  }
}

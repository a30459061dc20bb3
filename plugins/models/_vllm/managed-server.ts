import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { redact } from 'routerxbench/redact';
import {
  HarnessError,
  type Logger,
  type Workspace,
  type ServerState,
} from '../../../core/index.js';
import { Endpoint } from '../_openai/endpoint.js';
import { probeServer, type ServerStatus } from '../_openai/probe-server.js';
import type { SecretHeaders } from '../_openai/secret-headers.js';
import { inShell, statesFolder, type ServerPlan } from './command.js';
import { neededProgram } from './find-program.js';
import type { SupervisorTask } from './supervisor.js';
import { logTail } from './log-tail.js';
import { runs } from './process-table.js';
import { readRecord, getRecordFile } from './server-record.js';
import { ModelError } from '../_errors.js';

const SUPERVISOR = fileURLToPath(new URL('supervisor.js', import.meta.url));
const POLL_MS = 300;
const NOTE_MS = 5000;
const HEALTH_TIMEOUT_MS = 5000;
const TAIL_LINES = 12;

/** Shared by the servers of one model. */
export interface ServerSettings {
  readonly model: string;
  /** Names under which it may be listed. */
  readonly servedAs: readonly string[];
  readonly startSeconds: number;
  readonly stopSeconds: number;
  readonly workspace: Workspace;
  /** Folder of the hidden states of the servers, each in its own subfolder. */
  readonly states: string | null;
  readonly logger: Logger;
  readonly secret: SecretHeaders;
  /** The secrets of the server's environment. */
  readonly environment: (plan: ServerPlan) => Readonly<Record<string, string>>;
}

interface Supervisor {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
}

function startSupervisor(
  task: SupervisorTask,
  environment: Readonly<Record<string, string>>,
): Supervisor {
  const out = openSync(task.log, 'a');
  try {
    // The server holds on to the pipe of its standard input: it closes when this process ends, even
    // if it is killed.
    const supervisor = spawn(execPath, [SUPERVISOR, JSON.stringify(task)], {
      detached: true,
      stdio: [task.tethered ? 'pipe' : 'ignore', out, out],
      env: { ...env, ...environment },
    });
    supervisor.stdin?.on('error', () => undefined); // it has exited
    supervisor.unref();
    return {
      process: supervisor,
      ended: new Promise((resolve) => supervisor.once('exit', resolve).once('error', resolve)),
    };
  } finally {
    closeSync(out);
  }
}

/** One server of a model: found running, or started and supervised. */
export class ManagedServer {
  readonly url: string;
  readonly #endpoint: Endpoint;
  #supervisor: Supervisor | undefined;
  #log: string | undefined;
  #ended = false;
  /** Called when a server that this process has started exits by itself. */
  onEnd: (error: HarnessError) => void = () => undefined;

  constructor(
    private readonly plan: ServerPlan,
    private readonly settings: ServerSettings,
  ) {
    this.url = plan.url;
    this.#endpoint = new Endpoint(plan.url, 1);
  }

  /**
   * Whether the right server answers.
   * @throws HarnessError RXB4011 if another one does.
   */
  async answers(signal: AbortSignal): Promise<boolean> {
    const sight = await this.#look(signal);
    if (!sight.listening) return false;
    const problem = this.#wrong(sight);
    if (problem !== null)
      throw new ModelError('portInUse', { url: this.url, model: this.settings.model, problem });
    return true;
  }

  /** Whether a supervisor that the harness has started runs. */
  async kept(): Promise<boolean> {
    const record = await readRecord(getRecordFile(this.settings.workspace, this.plan.port));
    if (record === null || record.url !== this.url || !(await runs(record.keeper))) return false;
    this.#log ??= record.log;
    return true;
  }

  /**
   * Starts it;
   * @throws HarnessError RXB4010. A tethered server ends with this process.
   */
  async start(tethered: boolean): Promise<void> {
    const { model, workspace, stopSeconds, logger, environment } = this.settings;
    const states =
      this.settings.states === null ? null : statesFolder(this.settings.states, this.plan.port);
    const [program] = this.plan.command;
    await neededProgram(model, program);
    const started = new Date().toISOString();
    const log = join(
      workspace.results,
      'logs',
      `${workspace.model}-${this.plan.port}-${started.replace(/[:.]/g, '-')}.log`,
    );
    await mkdir(dirname(log), { recursive: true });
    if (states !== null) await mkdir(states, { recursive: true });
    const shown = inShell(this.plan);
    logger.info(`${workspace.model}: ${shown}`);
    this.#log = log;
    this.#ended = false;
    const { command, env: serverEnvironment } = this.plan;
    const secrets = Object.keys(serverEnvironment).filter(
      (name) => typeof serverEnvironment[name] !== 'string',
    );
    const supervisor = startSupervisor(
      {
        model: workspace.model,
        url: this.url,
        log,
        started,
        tethered,
        record: getRecordFile(workspace, this.plan.port),
        command,
        shown,
        stopSeconds,
        states,
        secrets,
      },
      environment(this.plan),
    );
    this.#supervisor = supervisor;
    void supervisor.ended.then(async () => {
      if (this.#supervisor !== supervisor) return; // it was stopped
      this.#ended = true;
      this.onEnd(await this.#died());
    });
    logger.info(`${workspace.model}: log in ${log} (${model})`);
  }

  /**
   * Waits until the right server answers.
   * @throws HarnessError RXB4011, RXB4012, RXB4013; the reason of the signal.
   */
  async ready(signal: AbortSignal): Promise<void> {
    const { model, startSeconds, workspace, logger } = this.settings;
    const began = performance.now();
    let reportedAt = began;
    for (;;) {
      signal.throwIfAborted();
      if ((await this.#healthy()) && (await this.answers(signal))) break;
      if (this.#ended || (this.#supervisor === undefined && !(await this.kept())))
        throw await this.#died();
      const now = performance.now();
      const waited = (now - began) / 1000;
      const [last = 'its log is empty'] = await this.#tail(1);
      if (waited > startSeconds)
        throw new ModelError('serverNotReady', {
          model,
          url: this.url,
          seconds: startSeconds,
          problem: await this.#lastWords(),
          log: this.#log ?? 'its log',
        });
      if (now - reportedAt > NOTE_MS) {
        reportedAt = now;
        logger.info(
          `${workspace.model}: waiting for ${this.url}, ${Math.round(waited)} s: ${last.slice(0, 160)}`,
        );
      }
      await pause(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    logger.info(`${workspace.model}: ${this.url} answers`);
  }

  /** Stops what {@link start} has started, and waits for that. */
  async stop(): Promise<void> {
    const supervisor = this.#supervisor;
    this.#supervisor = undefined;
    if (supervisor === undefined || this.#ended) return;
    if (supervisor.process.stdin === null) supervisor.process.kill('SIGTERM');
    else supervisor.process.stdin.end();
    supervisor.process.ref();
    await supervisor.ended;
  }

  /** Detaches from a started server: it continues without this process. */
  release(): void {
    this.#supervisor = undefined;
  }

  /** Details for messages. */
  state(state: ServerState['state']): ServerState {
    const pid = this.#supervisor?.process.pid;
    return {
      url: this.url,
      state,
      ...(pid === undefined ? {} : { pid }),
      ...(this.#log === undefined ? {} : { log: this.#log }),
    };
  }

  /** Closes the connections of status checks. */
  async close(): Promise<void> {
    await this.#endpoint.connections.destroy();
  }

  async #look(signal: AbortSignal): Promise<ServerStatus> {
    return await probeServer(this.#endpoint, this.settings.secret, signal);
  }

  /** Why the answering server is not the right one; null if it is. */
  #wrong({ models, failure }: ServerStatus): string | null {
    const { model, servedAs } = this.settings;
    if (failure !== null) return failure.message;
    if (models === null) return 'it does not list its models';
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
      return false; // nothing listens yet
    }
  }

  async #died(): Promise<HarnessError> {
    const { model } = this.settings;
    return new ModelError('serverExited', {
      model,
      url: this.url,
      problem: await this.#lastWords(),
      log: this.#log ?? 'its log',
    });
  }

  async #tail(lines: number): Promise<readonly string[]> {
    if (this.#log === undefined) return [];
    return (await logTail(this.#log, lines)).map(redact);
  }

  async #lastWords(): Promise<string> {
    const lines = await this.#tail(TAIL_LINES);
    return lines.length === 0
      ? 'its log is empty'
      : `the log ends with\n${lines.map((line) => `    ${line}`).join('\n')}`;
  }
}

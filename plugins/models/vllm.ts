import { join } from 'node:path';
import {
  FILES,
  HarnessError,
  HarnessErrors,
  inject,
  LOGGER,
  model,
  OPTIONS,
  WORKSPACE,
  SECRETS,
  type Files,
  type Logger,
  type Workspace,
  type Secrets,
  type Serving,
} from '../../core/index.js';
import { secretHeaders, type SecretHeaders } from './_openai/secret-headers.js';
import { ServedModel } from './_openai/served-model.js';
import { inShell, serverPlans, type ServerPlan } from './_vllm/command.js';
import { neededProgram } from './_vllm/find-program.js';
import { checkGpus } from './_vllm/gpus.js';
import { VllmOptions } from './_vllm/options.js';
import { Servers } from './_vllm/servers.js';

/** Stopping a server needs no key. */
const NO_SECRETS: SecretHeaders = { headers: {} };

/**
 * A model on vLLM servers that the harness starts unless they run, and stops again
 * (docs/models.md).
 */
@model({
  name: 'vllm',
  summary: 'vLLM servers that the harness starts, adopts and stops',
  options: VllmOptions,
})
export class Vllm extends ServedModel {
  readonly serving: Serving;
  readonly #plans: readonly ServerPlan[];
  /** Folder of hidden states. */
  readonly #states: string | null;
  #servers: Servers | undefined;
  #opening: Promise<unknown> | undefined;
  /** Aborts waiting for servers that are no longer needed. */
  #stop = new AbortController();

  constructor(
    @inject(OPTIONS) private readonly settings: VllmOptions,
    @inject(SECRETS) private readonly keys: Secrets,
    @inject(LOGGER) private readonly log: Logger,
    @inject(FILES) files: Files,
    @inject(WORKSPACE) private readonly workspace: Workspace,
  ) {
    const { weights = settings.model, args, hiddenStates: states } = settings;
    const folder =
      states?.folder === undefined
        ? join(workspace.results, 'hidden-states', workspace.model)
        : files.resolve(states.folder);
    const serverSettings = {
      ...settings,
      hiddenStates: states === undefined ? undefined : { ...states, folder },
    };
    const plans = serverPlans(serverSettings, files.resolve);
    super({ ...serverSettings, baseUrl: plans.map(({ url }) => url) }, keys, log, {
      backend: 'vllm',
      identity: { weights, args },
    });
    this.#plans = plans;
    this.#states = states === undefined ? null : folder;
    this.serving = {
      commands: () => plans.map(inShell),
      start: async (signal) => {
        const servers = this.#make();
        const states = await servers.open(false, signal);
        await servers.release();
        return states;
      },
      stop: async () => await this.#make(NO_SECRETS).stop(),
    };
  }

  protected override async ready(signal: AbortSignal): Promise<void> {
    this.#servers ??= this.#make();
    await (this.#opening ??= this.#servers.open(
      true,
      AbortSignal.any([signal, this.#stop.signal]),
      (error) => this.giveUp(error),
    ));
  }

  /**
   * Whether its servers run, or could be started.
   * @throws HarnessErrors that name everything that is missing
   */
  override async check(signal: AbortSignal): Promise<string> {
    const errors: HarnessError[] = [];
    const attempt = async <T>(work: () => T | Promise<T>): Promise<T | undefined> => {
      try {
        return await work();
      } catch (error) {
        if (error instanceof HarnessErrors) errors.push(...error.errors);
        else if (error instanceof HarnessError) errors.push(error);
        else throw error;
        return undefined;
      }
    };
    const servers = await attempt(() => this.#make());
    const running =
      servers === undefined
        ? this.#plans.map(() => false)
        : ((await attempt(async () => await servers.running(signal))) ?? []);
    await servers?.close();
    if (errors.length === 0 && running.every(Boolean)) return await super.check(signal);
    const [program] = (this.#plans[0] as ServerPlan).command;
    const found = await attempt(async () => await neededProgram(this.settings.model, program));
    const gpus = running.flatMap((there, at) =>
      there ? [] : (this.settings.servers?.[at]?.gpus ?? this.settings.gpus ?? []),
    );
    if (gpus.length > 0) await attempt(async () => await checkGpus(this.settings.model, gpus));
    if (errors.length > 0) throw new HarnessErrors(errors);
    return `${this.settings.model}, to be started by ${String(found)} at ${this.#plans.map(({ url }) => url).join(', ')}`;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#stop.abort(new Error('the model was closed'));
    this.#stop = new AbortController();
    await this.#opening?.catch(() => undefined); // callers that waited for it have got the error
    await this.#servers?.close();
    this.#servers = undefined;
    this.#opening = undefined;
  }

  /**
   * The request headers.
   * @throws HarnessError RXB1004 if a key is not set, here or in the server's environment
   */
  #secrets(): SecretHeaders {
    secretHeaders(
      { headers: this.settings.env },
      { read: (reference, path) => this.keys.read(reference, path.replace(/^headers/, 'env')) },
    );
    return secretHeaders(this.settings, this.keys);
  }

  #make(secret: SecretHeaders = this.#secrets()): Servers {
    const { model: name, servedAs, startSeconds, stopSeconds } = this.settings;
    const environment = (plan: ServerPlan): Readonly<Record<string, string>> =>
      Object.fromEntries(
        Object.entries(plan.env).map(([variable, value]) => [
          variable,
          typeof value === 'string' ? value : this.keys.read(value, `env.${variable}`),
        ]),
      );
    return new Servers(this.#plans, {
      model: name,
      servedAs,
      startSeconds,
      stopSeconds,
      states: this.#states,
      workspace: this.workspace,
      logger: this.log,
      secret,
      environment,
    });
  }
}

/**
 * A third-party package: its code runs in separate processes, and all that the harness knows about
 * it is what those processes report.
 */
import { HarnessError, HarnessErrors } from '../core/errors.js';
import type { PackageSource } from '../core/packages.js';
import { PLUGIN_API } from '../core/plugin.js';
import type { OpenedRouter, ThirdPartyPackage } from '../core/plugin-host.js';
import type { SignalRequest } from '../core/signals/requests.js';
import { IsolatedRouter } from './isolated-router.js';
import { prepareLaunch, type Launch } from './launch.js';
import { expectMessage, type DescribedPlugin } from './messages.js';
import type { Program, TimeLimit } from './plugin-program.js';
import { toThrown } from './plugin-thrown.js';
import type { Logger } from '../core/tokens.js';
import type { IsolationSettings } from './settings.js';
import { SandboxError } from './errors.js';
import type { ProcessPool } from './process-pool.js';

/** Starting Node.js and loading a package may take this long even where scoring may not. */
const START_SECONDS = 60;

const startLimit = (what: string, { scoreSeconds }: IsolationSettings): TimeLimit => ({
  what,
  seconds: Math.max(START_SECONDS, scoreSeconds),
  option: 'scoreSeconds',
});

/**
 * One such package. The process that described it also checks the options of its routers, until it
 * is released.
 */
export class SandboxedPackage implements ThirdPartyPackage {
  #planner: Program | undefined;

  private constructor(
    readonly source: PackageSource,
    private readonly settings: IsolationSettings,
    private readonly launch: Launch,
    private readonly pool: ProcessPool,
  ) {}

  /**
   * Prepares a package; a program in another language is rejected if it cannot be sandboxed.
   * @throws RXB2201
   */
  static async prepare(
    source: PackageSource,
    settings: IsolationSettings,
    pool: ProcessPool,
    logger?: Logger,
  ): Promise<SandboxedPackage> {
    const launch = await prepareLaunch(source, settings, logger);
    if (source.program !== null && launch.refusal !== null)
      throw buildRefusal(source, launch.refusal);
    return new SandboxedPackage(source, settings, launch, pool);
  }

  /**
   * The plugins of the package, as data.
   * @throws RXB2001, RXB2003, RXB2005, RXB22xx
   */
  async describe(): Promise<readonly DescribedPlugin[]> {
    return await this.pool.use(this, async () => await this.#describe());
  }

  async #describe(): Promise<readonly DescribedPlugin[]> {
    const { source } = this;
    const response = await this.#plan().request(
      { header: { type: 'describe', api: PLUGIN_API } },
      startLimit('loading', this.settings),
      ({ message }) =>
        expectMessage(message, 'described', (failed) =>
          restoreError(
            failed,
            (context) =>
              new HarnessError(
                'pluginNotLoaded',
                { package: source.name, problem: failed.message },
                context,
              ),
          ),
        ),
    );
    if (response.plugins.length === 0)
      throw new HarnessError('noPluginExported', {
        package: source.name,
        path: source.plugins ?? source.folder,
      });
    for (const { api, definition, kind } of response.plugins) {
      if (api !== PLUGIN_API)
        throw new HarnessError('pluginApiMismatch', {
          name: definition.name,
          package: source.name,
          found: api,
          wanted: PLUGIN_API,
        });
      if (source.program !== null && kind !== 'router')
        throw new SandboxError('pluginProtocolViolation', {
          title: source.name,
          problem: `an external program can only provide routers, and "${definition.name}" is a ${kind}`,
        });
    }
    return response.plugins;
  }

  /**
   * Checks the options of a router.
   * @throws RXB2105, RXB2106, RXB2201, RXB22xx
   */
  async open(
    router: string,
    options: unknown,
    seed: number,
    location: string,
  ): Promise<OpenedRouter> {
    const { source, settings, launch } = this;
    if (launch.refusal !== null) throw buildRefusal(source, launch.refusal, location);
    const order = { type: 'open', router, options: options ?? {}, seed };
    const opened = await this.pool.use(
      this,
      async () => await openIn(this.#plan(), order, location, settings),
    );
    return {
      ...opened,
      make: () =>
        new IsolatedRouter({
          title: `router "${router}" of ${source.name}`,
          package: source.given ?? source.name,
          needs: opened.needs,
          fitted: opened.fitted,
          settings,
          start: async () => {
            const program = launch.start(`router "${router}" of ${source.name}`);
            try {
              await openIn(program, order, location, settings);
              return program;
            } catch (error) {
              await program.close();
              throw error;
            }
          },
        }),
      unverifiedReason: launch.unverifiedReason,
    };
  }

  /** Ends the process that described the package. */
  async release(): Promise<void> {
    const planner = this.#planner;
    this.#planner = undefined;
    this.pool.forget(this);
    await planner?.close();
  }

  #plan(): Program {
    return (this.#planner ??= this.launch.start(`package ${this.source.name}`));
  }
}

/** The error that a process names, or another one; its cause is what the plugin threw. */
function restoreError(
  failed: Parameters<typeof toThrown>[0],
  build: (context: { readonly cause: Error }) => HarnessError,
): HarnessError {
  const { error, details } = failed;
  const context = { cause: toThrown(failed) };
  return error === undefined || details === undefined
    ? build(context)
    : new HarnessError(error, details as never, context);
}

const buildRefusal = (source: PackageSource, problem: string, location?: string): HarnessError =>
  new SandboxError(
    'sandboxUnavailable',
    { package: source.given ?? source.name, problem },
    location === undefined ? {} : { location },
  );

async function openIn(
  program: Program,
  order: { readonly router: string },
  location: string,
  settings: IsolationSettings,
): Promise<{
  readonly options: unknown;
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
}> {
  const response = await program.request(
    { header: order },
    startLimit(`opening router "${order.router}"`, settings),
    ({ message }) => {
      if (message.type === 'refused') {
        throw new HarnessErrors(
          message.mistakes.map(
            ({ path, problem }) =>
              new HarnessError(
                'invalidPluginOptions',
                { kind: 'router', name: order.router, path, problem },
                { location },
              ),
          ),
        );
      }
      return expectMessage(message, 'opened', (failed) =>
        restoreError(
          failed,
          (context) =>
            new HarnessError(
              'brokenPluginContract',
              { kind: 'router', name: order.router, problem: failed.message },
              { ...context, location },
            ),
        ),
      );
    },
  );
  return {
    options: response.options,
    needs: response.needs as readonly SignalRequest[],
    fitted: response.fitted,
  };
}

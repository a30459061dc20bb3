/** A config together with the plugins it can name. */
import { platform } from 'node:os';
import { resolve } from 'node:path';
import { loadConfig, type LoadedConfig } from './config/load-config.js';
import type { Overrides } from './config/overrides.js';
import { cacheFolder } from '../storage/download/cache-folder.js';
import { sandboxHost } from '../sandbox/host.js';
import type { IsolationSettings } from '../sandbox/settings.js';
import { filesAt } from '../storage/files.js';
import { SILENT, type Observer } from '../storage/observer.js';
import type { Registry } from '../core/registry.js';
import { openRegistry } from './find-plugins.js';
import { listGuardedPaths } from './guarded-paths.js';
import type { InstanceTools } from '../core/container.js';
import type { Secrets } from '../core/tokens.js';

/** Where a project is and what overrides its config. */
export interface ProjectOpening {
  readonly cwd: string;
  readonly configFile?: string | undefined;
  readonly flags?: Overrides;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command asks no model, so the keys of models need not be set. */
  readonly keyless?: boolean;
}

/** What every stage needs of a project. */
export interface Project extends LoadedConfig {
  /** How it was opened: enough to open it again in a thread. */
  readonly opening: ProjectOpening;
  readonly registry: Registry;
  readonly tools: InstanceTools;
  /** Those of models. */
  readonly modelTools: InstanceTools;
  readonly observer: Observer;
}

/** How third-party routers of a project are sandboxed, and what they must not see. */
export function getIsolationSettings({ config, folder }: LoadedConfig): IsolationSettings {
  const { trust, inProcess, memoryMiB, scoreSeconds, fitSeconds } = config.isolation;
  return {
    trust,
    inProcess,
    memoryMiB,
    scoreSeconds,
    fitSeconds,
    project: folder,
    guarded: listGuardedPaths(config, folder),
  };
}

/** What a command that asks no model reads in place of a variable that is not set. */
const NOT_SET = 'http://not-set.invalid';

/** Secrets for models that are opened but never asked. */
const withoutKeys = (env: LoadedConfig['env']): Secrets => ({
  read: ({ env: name }) => env[name] || NOT_SET,
});

/** Loads the config and finds the plugins. */
export async function openProject({
  observer = SILENT,
  signal,
  ...opening
}: ProjectOpening & {
  readonly observer?: Observer;
  readonly signal?: AbortSignal;
}): Promise<Project> {
  const loaded = await loadConfig(opening);
  const tools: InstanceTools = {
    logger: { info: observer.info, warn: observer.warn },
    secrets: loaded.secrets,
    files: filesAt(loaded.folder, {
      dataDirs: [loaded.config.dataDir].flat().map((folder) => resolve(loaded.folder, folder)),
      cache: cacheFolder(loaded.env, platform()),
      env: loaded.env,
      offline: loaded.config.offline,
      observer,
      ...(signal === undefined ? {} : { signal }),
    }),
    seed: loaded.config.protocol.seed,
  };
  const registry = await openRegistry(
    loaded.folder,
    loaded.config.plugins,
    sandboxHost(getIsolationSettings(loaded), tools.logger),
  );
  const modelTools =
    opening.keyless === true ? { ...tools, secrets: withoutKeys(loaded.env) } : tools;
  return {
    ...loaded,
    opening: { ...opening, env: { ...opening.env } },
    registry,
    tools,
    modelTools,
    observer,
  };
}

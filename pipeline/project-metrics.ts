/** The metrics of a project for commands that make no plan. */
import { join } from 'node:path';
import type { LoadedConfig } from './config/load-config.js';
import { loadInProcess, type FoundPlugin } from '../core/discover.js';
import { getHarnessFolder, packageSources } from '../core/packages.js';
import { openPluginCode, PluginCode } from './code/plugin-code.js';
import { loadIntoProcess } from './planning/load-into-process.js';
import { Registry } from '../core/registry.js';
import { openRegistry, settleNames } from './find-plugins.js';
import { sandboxHost } from '../sandbox/host.js';
import { loadMetrics, type ProjectMetric } from './planning/metrics.js';
import { getIsolationSettings, type Project } from './project.js';

/** The harness's own metrics, without a look at any other package. */
async function findBuiltInMetrics(): Promise<readonly FoundPlugin[]> {
  const {
    sources: [source],
  } = await packageSources(getHarnessFolder(), []);
  const plugins = source?.plugins ?? null;
  return source === undefined || plugins === null
    ? []
    : await loadInProcess({ ...source, plugins: join(plugins, 'metrics') });
}

/**
 * All built-in metrics and those that the config names; without a config, the built-in ones. Other
 * packages are looked at only where the config names metrics.
 */
export async function openMetrics(
  loaded: LoadedConfig | undefined,
): Promise<readonly ProjectMetric[]> {
  if (loaded === undefined || loaded.config.metrics.length === 0)
    return await loadMetrics({
      registry: new Registry(settleNames(await findBuiltInMetrics())),
      entries: [],
      getLocation: () => '',
      load: loadIntoProcess,
      code: new PluginCode([]),
    });
  const { folder, config } = loaded;
  const registry = await openRegistry(
    folder,
    config.plugins,
    sandboxHost(getIsolationSettings(loaded)),
  );
  try {
    return await getProjectMetrics({ ...loaded, registry });
  } finally {
    await registry.release();
  }
}

/** The same of a project whose plugins have been found. */
export const getProjectMetrics = async ({
  registry,
  config,
  folder,
  getLocation,
}: Pick<Project, 'registry' | 'config' | 'folder' | 'getLocation'>): Promise<
  readonly ProjectMetric[]
> =>
  await loadMetrics({
    registry,
    entries: config.metrics,
    getLocation: (entry, path) => getLocation(path, typeof entry === 'string' ? entry : entry.use),
    load: loadIntoProcess,
    code: openPluginCode({ config, folder }),
  });

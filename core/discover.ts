/** Packages → plugins. Ours are loaded; third-party ones describe themselves where the host runs them. */
import { join } from 'node:path';
import { HarnessError } from './errors.js';
import { getHarnessFolder, packageSources, type PackageSource } from './packages.js';
import type { PluginMark } from './plugin.js';
import { loadPluginsIn, loadPluginsFromFile, type PluginClass } from './plugin-files.js';
import type { DescribedPlugin, PluginHost, ThirdPartyPackage } from './plugin-host.js';

/** A plugin and where it was found. */
export interface FoundPlugin {
  /**
   * That of a third-party plugin is made of data: it has no schema, no functions, and what it needs
   * is what it needs by default.
   */
  readonly mark: PluginMark;
  /** The class; null for a third-party plugin, whose code was not loaded into this process. */
  readonly plugin: PluginClass | null;
  /** Package name, or the path given in the config. */
  readonly package: string;
  readonly packageVersion: string;
  readonly file: string;
  readonly thirdParty: {
    readonly package: ThirdPartyPackage;
    readonly described: DescribedPlugin;
  } | null;
  /** Why results of its routers are not verified, where third-party code runs in the harness. */
  readonly unverifiedReason: string | null;
}

const buildDescribedMark = (
  { kind, definition, needs }: DescribedPlugin,
  api: number,
): PluginMark =>
  ({
    api,
    kind,
    definition: kind === 'router' ? { ...definition, needs: needs ?? [] } : definition,
  }) as unknown as PluginMark;

const loadInProcess = async (source: PackageSource): Promise<readonly FoundPlugin[]> => {
  const found = source.plugins === null ? [] : await loadPluginsIn(source.plugins, source.name);
  return found.map(({ mark, plugin, file }) => ({
    mark,
    plugin,
    file,
    package: source.name,
    packageVersion: source.version,
    thirdParty: null,
    unverifiedReason: source.builtIn ? null : `${source.name} ran inside the harness`,
  }));
};

const describeInSandbox = async (
  source: PackageSource,
  host: PluginHost,
): Promise<readonly FoundPlugin[]> => {
  const opened = await host.open(source);
  try {
    return (await opened.describe()).map((plugin) => ({
      mark: buildDescribedMark(plugin, plugin.api),
      plugin: null,
      package: source.name,
      packageVersion: source.version,
      file: plugin.file ?? source.folder,
      thirdParty: { package: opened, described: plugin },
      unverifiedReason: null,
    }));
  } catch (error) {
    await opened.release();
    throw error;
  }
};

/**
 * Finds the plugins of the harness itself, of the project at `folder`, of the project's direct
 * dependencies, and of the local paths named in the config (a package folder, a folder of plugin
 * files, or one file). Whoever is done with opening routers calls {@link releaseThirdParties}.
 * @throws RXB2001 to RXB2003, RXB22xx
 */
export async function discover(
  folder: string,
  localPaths: readonly string[],
  host: PluginHost,
): Promise<readonly FoundPlugin[]> {
  const sources = await packageSources(folder, localPaths);
  host.check(sources);
  const found = await Promise.allSettled(
    sources.map((source) =>
      source.builtIn || host.inProcess(source)
        ? loadInProcess(source)
        : describeInSandbox(source, host),
    ),
  );
  const all = found.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
  const failed = found.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return all;
  await releaseThirdParties(all);
  throw failed.reason;
}

/** The harness's own plugins of one kind, without a look at any other package. */
export async function discoverBuiltIns(folder: string): Promise<readonly FoundPlugin[]> {
  const [source] = await packageSources(await getHarnessFolder(), []);
  const plugins = source?.plugins;
  return source === undefined || plugins === null || plugins === undefined
    ? []
    : await loadInProcess({ ...source, plugins: join(plugins, folder) });
}

/** Ends the processes that described third-party packages. */
export async function releaseThirdParties(found: readonly FoundPlugin[]): Promise<void> {
  const packages = new Set(found.flatMap(({ thirdParty }) => thirdParty?.package ?? []));
  await Promise.all([...packages].map((opened) => opened.release()));
}

/**
 * Loads a third-party dataset, scorer or model into this process: they see questions and answers by
 * their nature, so whoever names them in a config trusts them. Only the file that exports it is
 * loaded.
 */
export async function loadIntoProcess<Entry extends FoundPlugin>(entry: Entry): Promise<Entry> {
  if (entry.thirdParty === null) return entry;
  const { described: known, package: opened } = entry.thirdParty;
  const found = (await loadPluginsFromFile(known.file ?? '', opened.source.name)).find(
    ({ mark }) => mark.kind === known.kind && mark.definition.name === known.definition.name,
  );
  if (found === undefined)
    throw new HarnessError('pluginNotLoaded', {
      package: entry.package,
      problem: `${entry.file} no longer exports ${known.kind} "${known.definition.name}"`,
    });
  return { ...entry, mark: found.mark, plugin: found.plugin };
}

/** Loads the harness's plugins; third-party plugins are described by the host that runs them. */
import type { PackageSource } from './packages.js';
import type { PluginClass, PluginMark } from './plugin.js';
import { loadPluginsIn } from './plugin-files.js';
import type { DescribedPlugin, PluginHost, ThirdPartyPackage } from './plugin-host.js';

/** A plugin and where it was found. */
export interface FoundPlugin {
  /** Of a third-party plugin only data: no schema, no functions, and its default needs. */
  readonly mark: PluginMark;
  /** Null for a third-party plugin: its code is not loaded into this process. */
  readonly plugin: PluginClass | null;
  /** Package name, or the path given in the config. */
  readonly package: string;
  readonly source: PackageSource;
  readonly file: string;
  readonly thirdParty: {
    readonly package: ThirdPartyPackage;
    readonly described: DescribedPlugin;
  } | null;
  /** Why results of its routers are unverified, where third-party code runs in this process. */
  readonly unverifiedReason: string | null;
}

/** Loads the plugins of a package into this process; a package that is a program has none. */
export async function loadInProcess(source: PackageSource): Promise<readonly FoundPlugin[]> {
  const found = source.plugins === null ? [] : await loadPluginsIn(source.plugins, source.name);
  return found.map(({ mark, plugin, file }) => ({
    mark,
    plugin,
    file,
    package: source.name,
    source,
    thirdParty: null,
    unverifiedReason: source.builtIn ? null : `${source.name} ran inside the harness`,
  }));
}

const buildMark = ({ api, kind, definition, needs }: DescribedPlugin): PluginMark => {
  const words = kind === 'router' ? { ...definition, needs: needs ?? [] } : definition;
  return { api, kind, definition: words } as unknown as PluginMark;
};

const describeInSandbox = async (
  source: PackageSource,
  host: PluginHost,
): Promise<readonly FoundPlugin[]> => {
  const opened = await host.open(source);
  try {
    return (await opened.describe()).map((described) => ({
      mark: buildMark(described),
      plugin: null,
      package: source.name,
      source,
      file: described.file ?? source.folder,
      thirdParty: { package: opened, described },
      unverifiedReason: null,
    }));
  } catch (error) {
    await opened.release();
    throw error;
  }
};

/** The plugins of a package; those of a third party are described by the host that runs them. */
export async function loadPackage(
  source: PackageSource,
  host: PluginHost,
): Promise<readonly FoundPlugin[]> {
  return source.builtIn || host.inProcess(source)
    ? await loadInProcess(source)
    : await describeInSandbox(source, host);
}

/** Ends the processes that described third-party packages. */
export async function releaseThirdParties(found: readonly FoundPlugin[]): Promise<void> {
  const packages = new Set(found.flatMap(({ thirdParty }) => thirdParty?.package ?? []));
  await Promise.all([...packages].map((opened) => opened.release()));
}

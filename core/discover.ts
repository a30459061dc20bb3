/**
 * Packages → plugins. Ours are loaded; a stranger's describe themselves in a process of their own.
 */
import { HarnessError } from './errors.js';
import { isNamed } from './isolation/launch.js';
import { EVERY, ISOLATION, type IsolationSettings } from './isolation/settings.js';
import { Stranger } from './isolation/stranger.js';
import type { DescribedPlugin } from './isolation/messages.js';
import { packageSources, type PackageSource } from './packages.js';
import { PLUGIN_API, type PluginMark } from './plugin.js';
import { pluginsIn, pluginsOfFile, type PluginClass } from './plugin-files.js';
import type { Logger } from './tokens.js';

/** A plugin and where it was found. */
export interface FoundPlugin {
  /**
   * A stranger's mark is made of data: it has no schema, no functions, and what it needs is what it
   * needs by default.
   */
  readonly mark: PluginMark;
  /** The class; null for a stranger's, which no code of this process has seen. */
  readonly plugin: PluginClass | null;
  /** Package name, or the path given in the config. */
  readonly package: string;
  readonly packageVersion: string;
  readonly file: string;
  readonly stranger: { readonly of: Stranger; readonly described: DescribedPlugin } | null;
  /**
   * Why rows of its routers are only self-reported, where the package runs inside the harness
   * though it is not ours.
   */
  readonly standing: string | null;
}

const markOfDescribed = ({ kind, definition, needs }: DescribedPlugin): PluginMark =>
  ({
    api: PLUGIN_API,
    kind,
    definition: kind === 'router' ? { ...definition, needs: needs ?? [] } : definition,
  }) as unknown as PluginMark;

const loaded = async (source: PackageSource): Promise<readonly FoundPlugin[]> => {
  const standing = source.own ? null : `${source.name} ran inside the harness`;
  const found = source.plugins === null ? [] : await pluginsIn(source.plugins, source.name);
  return found.map(({ mark, plugin, file }) => ({
    mark,
    plugin,
    file,
    package: source.name,
    packageVersion: source.version,
    stranger: null,
    standing,
  }));
};

const described = async (
  source: PackageSource,
  settings: IsolationSettings,
  logger: Logger | undefined,
): Promise<readonly FoundPlugin[]> => {
  const stranger = await Stranger.of(source, settings, logger);
  try {
    return (await stranger.describe()).map((plugin) => ({
      mark: markOfDescribed(plugin),
      plugin: null,
      package: source.name,
      packageVersion: source.version,
      file: plugin.file ?? source.folder,
      stranger: { of: stranger, described: plugin },
      standing: null,
    }));
  } catch (error) {
    await stranger.release();
    throw error;
  }
};

/**
 * Finds the plugins of the harness itself, of the project at `folder`, of the project's direct
 * dependencies, and of the
 * local paths named in the config (a package folder, a folder of plugin files, or one file).
 * Whoever is done with opening routers
 * calls {@link releaseStrangers}. @throws RXB2001 to RXB2003, RXB22xx
 */
export async function discover(
  folder: string,
  localPaths: readonly string[],
  settings: IsolationSettings = ISOLATION,
  logger?: Logger,
): Promise<readonly FoundPlugin[]> {
  const sources = await packageSources(folder, localPaths);
  for (const name of [...settings.trust, ...settings.inProcess]) {
    if (name !== EVERY && !sources.some((source) => isNamed([name], source)))
      throw new HarnessError('RXB2207', { name });
  }
  const found = await Promise.allSettled(
    sources.map((source) =>
      source.own || (source.program === null && isNamed(settings.inProcess, source))
        ? loaded(source)
        : described(source, settings, logger),
    ),
  );
  const all = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const failed = found.find((one) => one.status === 'rejected');
  if (failed === undefined) return all;
  await releaseStrangers(all);
  throw failed.reason;
}

/** Ends the processes that described strangers' packages. */
export async function releaseStrangers(found: readonly FoundPlugin[]): Promise<void> {
  await Promise.all(
    [...new Set(found.flatMap(({ stranger }) => (stranger === null ? [] : [stranger.of])))].map(
      (stranger) => stranger.release(),
    ),
  );
}

/**
 * Loads a stranger's dataset, scorer or model into this process: they see questions and answers by
 * their nature, so who names them in a
 * config trusts them. Only the file that exports it is loaded.
 */
export async function hosted<Entry extends FoundPlugin>(entry: Entry): Promise<Entry> {
  if (entry.stranger === null) return entry;
  const { described: known, of } = entry.stranger;
  const found = (await pluginsOfFile(known.file ?? '', of.source.name)).find(
    ({ mark }) => mark.kind === known.kind && mark.definition.name === known.definition.name,
  );
  if (found === undefined)
    throw new HarnessError('RXB2001', {
      package: entry.package,
      problem: `${entry.file} no longer exports ${known.kind} "${known.definition.name}"`,
    });
  return { ...entry, mark: found.mark, plugin: found.plugin };
}

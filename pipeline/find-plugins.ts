/** All plugins of a project, by name. What cannot be used is kept with the reason. */
import { loadPackage, releaseThirdParties, type FoundPlugin } from '../core/discover.js';
import { getErrorMessage, getHarnessErrors, HarnessError } from '../core/errors.js';
import { packageSources, type PackageSource, type UnusablePlugins } from '../core/packages.js';
import type { PluginHost } from '../core/plugin-host.js';
import { findDefinitionProblem } from './definition-problem.js';
import { Registry, type FoundPlugins } from '../core/registry.js';

/**
 * Finds the plugins of the harness, of the project at `folder`, of its direct dependencies, and of
 * the local paths in the config (a package folder, a folder of plugin files, or one file). A
 * package that cannot be used costs its own plugins only. Call `release` when no more routers are
 * opened.
 */
export async function openRegistry(
  folder: string,
  localPaths: readonly string[],
  host: PluginHost,
): Promise<Registry> {
  const { sources, unusable } = await packageSources(folder, localPaths);
  host.check([...sources, ...unusable.map(({ package: name }) => ({ name, given: name }))]);
  const loaded = await Promise.all(sources.map(async (source) => await load(source, host)));
  const found = loaded.flatMap((one) => ('error' in one ? [] : one));
  const failed = loaded.filter((one) => 'error' in one);
  const wrong = found.flatMap((entry) => refuseDefinition(entry) ?? []);
  const settled = settleNames(
    found.filter((entry) => refuseDefinition(entry) === undefined),
    [...unusable, ...failed, ...wrong],
  );
  const used = new Set(settled.entries.map(({ thirdParty }) => thirdParty?.package));
  await releaseThirdParties(found.filter(({ thirdParty }) => !used.has(thirdParty?.package)));
  return new Registry(settled);
}

/** The plugins of a package; of one that cannot be used, the error. */
async function load(
  source: PackageSource,
  host: PluginHost,
): Promise<readonly FoundPlugin[] | UnusablePlugins> {
  try {
    const found = await loadPackage(source, host);
    if (found.length > 0) return found;
    const path = source.plugins ?? source.folder;
    throw new HarnessError('noPluginExported', { package: source.name, path });
  } catch (cause) {
    if (source.builtIn) throw cause;
    const [error] = getHarnessErrors(cause) ?? [];
    if (error !== undefined) return { package: source.name, error };
    const details = { package: source.name, problem: getErrorMessage(cause) };
    return {
      package: source.name,
      error: new HarnessError('pluginNotLoaded', details, { cause }),
    };
  }
}

/** A plugin that says something of itself that cannot be; undefined where all is well. */
function refuseDefinition(entry: FoundPlugin): UnusablePlugins | undefined {
  const { mark, package: from, thirdParty } = entry;
  const problem = findDefinitionProblem(mark, { described: thirdParty !== null });
  if (problem === undefined) return undefined;
  const { kind, definition } = mark;
  const name = JSON.stringify(definition.name ?? null).slice(1, -1);
  return {
    package: from,
    error: new HarnessError('brokenPluginContract', { kind, name, problem }),
  };
}

const isBuiltIn = ({ thirdParty, unverifiedReason }: FoundPlugin): boolean =>
  thirdParty === null && unverifiedReason === null;

const listNames = ({ mark: { kind, definition } }: FoundPlugin): readonly string[] =>
  [...new Set([definition.name, ...(definition.aliases ?? [])])].map((name) => `${kind}/${name}`);

/**
 * Gives every name to the plugin that claims it. A built-in plugin keeps its names; of others that
 * claim one name, nobody gets it. A plugin that cannot have its own name cannot be used.
 */
export function settleNames(
  found: readonly FoundPlugin[],
  unloaded: readonly UnusablePlugins[] = [],
): FoundPlugins {
  const claims = new Map<string, FoundPlugin[]>();
  for (const entry of new Map(found.map((one) => [one.plugin ?? one, one])).values())
    for (const name of listNames(entry)) claims.set(name, [...(claims.get(name) ?? []), entry]);
  const unusable = [...unloaded];
  const taken = new Map<string, HarnessError>();
  const owners = new Map<string, FoundPlugin>();
  for (const [key, claimants] of claims) {
    const keeper = claimants.length === 1 ? claimants[0] : claimants.find(isBuiltIn);
    if (keeper !== undefined) owners.set(key, keeper);
    for (const entry of claimants.filter((claimant) => claimant !== keeper)) {
      const { kind } = entry.mark;
      const other = keeper ?? claimants.find((claimant) => claimant !== entry);
      const error = new HarnessError('pluginNameClash', {
        kind,
        name: key.slice(kind.length + 1),
        first: other?.package ?? '',
        second: entry.package,
      });
      unusable.push({ package: entry.package, error });
      if (keeper === undefined) taken.set(key, error);
    }
  }
  const isNamed = (entry: FoundPlugin): boolean => owners.get(listNames(entry)[0] ?? '') === entry;
  const byName = new Map([...owners].filter(([, entry]) => isNamed(entry)));
  return { entries: [...new Set(byName.values())], byName, taken, unusable };
}

/**
 * The routers that a config or the command line names: by name or alias, by batch, or as one of a
 * family.
 */
import { readNamedEntry, type ConfigEntry, type NamedEntry } from './named-entry.js';
import type { Registry, RegistryEntry } from '../../core/registry.js';
import { suggestion } from '../../core/util/closest.js';
import { PipelineError } from '../errors.js';

/**
 * An entry, and the name as it was written: that of a batch or family, an alias, or the plugin's
 * own.
 */
export interface ListedRouter extends NamedEntry {
  readonly written: string;
  /** Canonical name of the plugin; `use` where there is none. */
  readonly plugin: string;
}

const getCanonicalName = ({ mark }: RegistryEntry<'router'>): string => mark.definition.name;
const answersTo = ({ mark: { definition } }: RegistryEntry<'router'>, name: string): boolean =>
  definition.name === name || (definition.aliases ?? []).includes(name);

/**
 * `{ use: 'probe', options: { probe_type: 'mean', … } }` → `{ use: 'probe-mean', options: { … } }`.
 */
function expandFamily(
  members: readonly RegistryEntry<'router'>[],
  family: string,
  entry: ConfigEntry,
  location: string,
): ConfigEntry {
  const option = `${family}_type`;
  const { as, options = {} } = typeof entry === 'string' ? {} : entry;
  const { [option]: type, ...rest } = options;
  const types = members.flatMap(({ mark }) => [
    mark.definition.name,
    ...(mark.definition.aliases ?? []),
  ]);
  if (typeof type !== 'string')
    throw new PipelineError(
      'missingFamilyType',
      { family, option, types: members.map(getCanonicalName).join(', ') },
      { location },
    );
  const member = members.find((router) => answersTo(router, type));
  if (member === undefined)
    throw new PipelineError(
      'unknownFamilyType',
      { family, option, type, suggestion: suggestion(type, types) },
      { location },
    );
  return { use: getCanonicalName(member), as, options: rest };
}

/**
 * The routers of one entry: one, or all of a batch with the options of the entry.
 * @throws HarnessError RXB6201 and RXB6202 for a family without a known type, RXB6203 for a batch
 * that is given a name of its own.
 */
export function expandRouter(
  registry: Registry,
  entry: ConfigEntry,
  path: string,
  location: string,
): readonly ListedRouter[] {
  const written = typeof entry === 'string' ? entry : entry.use;
  const listRouter = (routerEntry: ConfigEntry): ListedRouter => {
    const read = readNamedEntry(registry, 'router', routerEntry, path, location);
    return {
      ...read,
      written,
      plugin: registry.has('router', read.use)
        ? getCanonicalName(registry.find('router', read.use))
        : read.use,
    };
  };
  if (registry.has('router', written)) return [listRouter(entry)];
  const batch = registry.batch(written);
  if (batch.length > 0) {
    if (typeof entry !== 'string' && entry.as !== undefined)
      throw new PipelineError(
        'groupRenamed',
        { batch: written, as: entry.as, routers: batch.map(getCanonicalName).join(', ') },
        { location },
      );
    return batch.map((member) =>
      listRouter({
        use: getCanonicalName(member),
        options: typeof entry === 'string' ? {} : entry.options,
      }),
    );
  }
  const family = registry.family(written);
  return [listRouter(family.length > 0 ? expandFamily(family, written, entry, location) : entry)];
}

/**
 * The routers that `--routers` names, each once: those that the config lists, with its options, and
 * others with their defaults.
 * `probe:mean` is the family `probe` with `probe_type` `mean`.
 */
export function selectRouters(
  registry: Registry,
  listed: readonly ListedRouter[],
  names: readonly string[],
): readonly ListedRouter[] {
  const chosen = names.flatMap((name) => {
    const exact = listed.filter((entry) => entry.name === name);
    if (exact.length > 0) return exact;
    const written = listed.filter((entry) => entry.written === name);
    if (written.length > 0) return written;
    const [family, type] = name.split(':') as [string, string | undefined];
    const entry =
      type === undefined ? name : { use: family, options: { [`${family}_type`]: type } };
    return expandRouter(registry, entry, '--routers', `--routers ${name}`).flatMap((router) => {
      const sameName = listed.filter((other) => other.name === router.name);
      if (sameName.length > 0) return sameName;
      const samePlugin = listed.filter((other) => other.plugin === router.plugin);
      return samePlugin.length > 0 ? samePlugin : [router];
    });
  });
  return [...new Map(chosen.map((entry) => [entry.name, entry])).values()];
}

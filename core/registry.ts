/** All plugins that were found, by kind and name. */
import { discover, releaseThirdParties, type FoundPlugin } from './discover.js';
import { HarnessError, HarnessErrors } from './errors.js';
import type { PluginKind, PluginMark } from './plugin.js';
import { suggestion } from './util/closest.js';

/** A plugin as the registry holds it. */
export type RegistryEntry<K extends PluginKind = PluginKind> = Omit<FoundPlugin, 'mark'> & {
  readonly mark: Extract<PluginMark, { kind: K }>;
};

const UNKNOWN = {
  model: 'unknownBackend',
  dataset: 'unknownDataset',
  router: 'unknownRouter',
  scorer: 'unknownScorer',
  metric: 'unknownMetric',
  reporter: 'unknownReporter',
} as const satisfies Readonly<Record<PluginKind, string>>;

/**
 * Finds plugins by canonical name or alias; a clash of names is an error when the registry is made.
 */
export class Registry {
  readonly #byName = new Map<string, FoundPlugin>();
  readonly #entries: readonly FoundPlugin[];

  constructor(found: readonly FoundPlugin[]) {
    const clashes: HarnessError[] = [];
    const unique = [...new Map(found.map((entry) => [entry.plugin ?? entry, entry])).values()];
    for (const entry of unique) {
      const { kind, definition } = entry.mark;
      for (const name of [definition.name, ...(definition.aliases ?? [])]) {
        const key = `${kind}/${name}`;
        const other = this.#byName.get(key);
        if (other !== undefined && other !== entry) {
          clashes.push(
            new HarnessError('pluginNameClash', {
              kind,
              name,
              first: other.package,
              second: entry.package,
            }),
          );
        }
        this.#byName.set(key, entry);
      }
    }
    if (clashes.length > 0) throw new HarnessErrors(clashes);
    this.#entries = unique;
  }

  /** Ends the processes that described third-party packages; what they said is kept. */
  async release(): Promise<void> {
    await releaseThirdParties(this.#entries);
  }

  /** All plugins, or those of one kind, by kind and name. */
  list<K extends PluginKind = PluginKind>(kind?: K): readonly RegistryEntry<K>[] {
    return this.#entries
      .filter((entry) => kind === undefined || entry.mark.kind === kind)
      .sort((a, b) =>
        `${a.mark.kind}/${a.mark.definition.name}`.localeCompare(
          `${b.mark.kind}/${b.mark.definition.name}`,
          'en',
        ),
      ) as unknown as RegistryEntry<K>[];
  }

  /** Whether there is a plugin of that name or alias. */
  has(kind: PluginKind, name: string): boolean {
    return this.#byName.has(`${kind}/${name}`);
  }

  /** The routers of a batch, by name; none where no router lists it. */
  batch(name: string): readonly RegistryEntry<'router'>[] {
    return this.list('router').filter(({ mark }) => mark.definition.batches?.includes(name));
  }

  /** The routers of a family, by name; none where no router belongs to it. */
  family(name: string): readonly RegistryEntry<'router'>[] {
    return this.list('router').filter(({ mark }) => mark.definition.family === name);
  }

  /** The plugin of that name or alias; unknown names are RXB21xx with the closest known name. */
  find<K extends PluginKind>(kind: K, name: string, location?: string): RegistryEntry<K> {
    const entry = this.#byName.get(`${kind}/${name}`);
    if (entry === undefined) {
      const groups =
        kind === 'router'
          ? this.list('router').flatMap(({ mark: { definition } }) => [
              ...(definition.batches ?? []),
              ...(definition.family === undefined ? [] : [definition.family]),
            ])
          : [];
      const known = [
        ...[...this.#byName.keys()]
          .filter((key) => key.startsWith(`${kind}/`))
          .map((key) => key.slice(kind.length + 1)),
        ...groups,
      ];
      throw new HarnessError(
        UNKNOWN[kind],
        { name, suggestion: suggestion(name, known) },
        location === undefined ? {} : { location },
      );
    }
    return entry as unknown as RegistryEntry<K>;
  }
}

/**
 * Finds plugins as {@link discover} does and puts them into a registry; whoever is done with
 * opening routers releases it.
 */
export async function openRegistry(...where: Parameters<typeof discover>): Promise<Registry> {
  const found = await discover(...where);
  try {
    return new Registry(found);
  } catch (error) {
    await releaseThirdParties(found);
    throw error;
  }
}

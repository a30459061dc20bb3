import { releaseThirdParties, type FoundPlugin } from './discover.js';
import { HarnessError, HarnessErrors } from './errors.js';
import type { UnusablePlugins } from './packages.js';
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

const getSortKey = ({ mark }: FoundPlugin): string => `${mark.kind}/${mark.definition.name}`;

/** What a search for plugins found. */
export interface FoundPlugins {
  /** All that can be used. */
  readonly entries: readonly FoundPlugin[];
  /** By `kind/name`, for names and aliases. */
  readonly byName: ReadonlyMap<string, FoundPlugin>;
  /** By `kind/name`: why no plugin has a name that several claim. */
  readonly taken: ReadonlyMap<string, HarnessError>;
  /** Packages that cannot be loaded, and plugins whose name another one has. */
  readonly unusable: readonly UnusablePlugins[];
}

/** All plugins that were found, by kind and by name or alias. */
export class Registry {
  readonly #entries: readonly FoundPlugin[];

  constructor(readonly plugins: FoundPlugins) {
    this.#entries = [...plugins.entries].sort((a, b) =>
      getSortKey(a).localeCompare(getSortKey(b), 'en'),
    );
  }

  /** Ends the processes that described third-party packages; the descriptions are kept. */
  async release(): Promise<void> {
    await releaseThirdParties(this.#entries);
  }

  /** All plugins, or those of one kind, sorted by kind and name. */
  list<K extends PluginKind = PluginKind>(kind?: K): readonly RegistryEntry<K>[] {
    return this.#entries.filter(
      ({ mark }) => kind === undefined || mark.kind === kind,
    ) as readonly FoundPlugin[] as readonly RegistryEntry<K>[];
  }

  /** Whether there is a plugin of that name or alias. */
  has(kind: PluginKind, name: string): boolean {
    return this.plugins.byName.has(`${kind}/${name}`);
  }

  /** The routers of a batch, sorted by name; empty where no router lists it. */
  batch(name: string): readonly RegistryEntry<'router'>[] {
    return this.list('router').filter(({ mark }) => mark.definition.batches?.includes(name));
  }

  /** The routers of a family, sorted by name; empty where no router belongs to it. */
  family(name: string): readonly RegistryEntry<'router'>[] {
    return this.list('router').filter(({ mark }) => mark.definition.family === name);
  }

  /**
   * The plugin of that name or alias. @throws RXB21xx with the closest known name, RXB2004 where
   * two have it; and the errors of packages that may have it
   */
  find<K extends PluginKind>(kind: K, name: string, location?: string): RegistryEntry<K> {
    const entry = this.plugins.byName.get(`${kind}/${name}`);
    if (entry !== undefined) return entry as unknown as RegistryEntry<K>;
    const taken = this.plugins.taken.get(`${kind}/${name}`);
    if (taken !== undefined) throw new HarnessError({ ...taken.toData(), location });
    const details = { name, suggestion: suggestion(name, this.#knownNames(kind)) };
    const unknown = new HarnessError(UNKNOWN[kind], details, { location });
    if (this.plugins.unusable.length === 0) throw unknown;
    throw new HarnessErrors([...this.plugins.unusable.map(({ error }) => error), unknown]);
  }

  /** Names and aliases of a kind; of routers also their batches and families. */
  #knownNames(kind: PluginKind): readonly string[] {
    const keys = [...this.plugins.byName.keys()].filter((key) => key.startsWith(`${kind}/`));
    const names = keys.map((key) => key.slice(kind.length + 1));
    const routers = kind === 'router' ? this.list('router') : [];
    const groups = routers.flatMap(({ mark: { definition } }) =>
      [definition.batches ?? [], definition.family ?? []].flat(),
    );
    return [...names, ...groups];
  }
}

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

const getSortKey = ({ mark }: FoundPlugin): string => `${mark.kind}/${mark.definition.name}`;

/** All plugins that were found, by kind and by name or alias. */
export class Registry {
  readonly #byName = new Map<string, FoundPlugin>();
  readonly #entries: readonly FoundPlugin[];

  /** @throws HarnessErrors of RXB2004 where two plugins of a kind have the same name or alias */
  constructor(found: readonly FoundPlugin[]) {
    const unique = new Map(found.map((entry) => [entry.plugin ?? entry, entry]));
    this.#entries = [...unique.values()].sort((a, b) =>
      getSortKey(a).localeCompare(getSortKey(b), 'en'),
    );
    const clashes: HarnessError[] = [];
    for (const entry of unique.values()) {
      const { kind, definition } = entry.mark;
      for (const name of new Set([definition.name, ...(definition.aliases ?? [])])) {
        const first = this.#byName.get(`${kind}/${name}`)?.package;
        const details = { kind, name, first: first ?? '', second: entry.package };
        if (first !== undefined) clashes.push(new HarnessError('pluginNameClash', details));
        this.#byName.set(`${kind}/${name}`, entry);
      }
    }
    if (clashes.length > 0) throw new HarnessErrors(clashes);
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
    return this.#byName.has(`${kind}/${name}`);
  }

  /** The routers of a batch, sorted by name; empty where no router lists it. */
  batch(name: string): readonly RegistryEntry<'router'>[] {
    return this.list('router').filter(({ mark }) => mark.definition.batches?.includes(name));
  }

  /** The routers of a family, sorted by name; empty where no router belongs to it. */
  family(name: string): readonly RegistryEntry<'router'>[] {
    return this.list('router').filter(({ mark }) => mark.definition.family === name);
  }

  /** The plugin of that name or alias. @throws RXB21xx with the closest known name */
  find<K extends PluginKind>(kind: K, name: string, location?: string): RegistryEntry<K> {
    const entry = this.#byName.get(`${kind}/${name}`);
    if (entry !== undefined) return entry as unknown as RegistryEntry<K>;
    const details = { name, suggestion: suggestion(name, this.#knownNames(kind)) };
    throw new HarnessError(UNKNOWN[kind], details, { location });
  }

  /** Names and aliases of a kind; of routers also their batches and families. */
  #knownNames(kind: PluginKind): readonly string[] {
    const keys = [...this.#byName.keys()].filter((key) => key.startsWith(`${kind}/`));
    const names = keys.map((key) => key.slice(kind.length + 1));
    const routers = kind === 'router' ? this.list('router') : [];
    const groups = routers.flatMap(({ mark: { definition } }) =>
      [definition.batches ?? [], definition.family ?? []].flat(),
    );
    return [...names, ...groups];
  }
}

/** Finds plugins as {@link discover} does. Call `release` when no more routers are opened. */
export async function openRegistry(...where: Parameters<typeof discover>): Promise<Registry> {
  const found = await discover(...where);
  try {
    return new Registry(found);
  } catch (error) {
    await releaseThirdParties(found);
    throw error;
  }
}

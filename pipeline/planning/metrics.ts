/** The metrics of a project: all built-in ones, and those that its config names. */
import type { MetricDefinition } from '../../core/definitions.js';
import { checkOptions, instantiate } from '../../core/container.js';
import { HarnessError } from '../../core/errors.js';
import { loadPluginsFromFile } from '../../core/plugin-files.js';
import { secretsFrom } from '../../core/secrets.js';
import type { RegistryEntry, Registry } from '../../core/registry.js';
import { suggestion } from '../../core/util/closest.js';
import { isObject, type Json } from '../../core/util/json.js';
import type { PluginCode } from '../code/plugin-code.js';
import { GuardedMetric } from '../../analysis/metrics/guarded-metric.js';
import type { Metric } from '../../core/contracts.js';
import type { LoadedMetric } from '../../analysis/metrics/measure.js';
import { filesAt } from '../../storage/files.js';
import { PipelineError } from '../errors.js';
import { readNamedEntry, type ConfigEntry, type NamedEntry } from './named-entry.js';

/** Where a thread finds a metric, and how it makes the same instance. */
export interface MetricSource {
  readonly file: string;
  /** Name of the plugin in that file. */
  readonly plugin: string;
  /** Name that it is listed under. */
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly builtIn: boolean;
}

/** A metric of a project. */
export interface ProjectMetric extends LoadedMetric {
  readonly source: MetricSource;
  /**
   * What its values hang on, for artifact keys: its name, or more where it is not the first version
   * of a built-in one.
   */
  readonly key: Json;
  /** The first thing that a third-party metric did wrong; undefined where all is well. */
  readonly broken: () => HarnessError | undefined;
}

/** What metrics are found in, and how a third-party one is loaded. */
export interface MetricLookUp {
  readonly registry: Registry;
  readonly entries: readonly ConfigEntry[];
  readonly getLocation: (entry: ConfigEntry, path: string) => string;
  readonly load: (entry: RegistryEntry<'metric'>) => Promise<RegistryEntry<'metric'>>;
  readonly code: PluginCode;
}

const isBuiltIn = ({ thirdParty, unverifiedReason }: RegistryEntry<'metric'>): boolean =>
  thirdParty === null && unverifiedReason === null;

/** An instance, as every thread makes it: metrics get no files, no secrets and one seed. */
function openMetric(
  found: RegistryEntry<'metric'>,
  { name, options: given, builtIn }: Pick<MetricSource, 'name' | 'options' | 'builtIn'>,
  location?: string,
): Omit<LoadedMetric, 'metric'> & {
  readonly metric: Metric | GuardedMetric;
  readonly options: unknown;
} {
  const options = checkOptions(found, given, location);
  const metric = instantiate(found, options, {
    logger: { info: () => {}, warn: () => {} },
    files: filesAt('.'),
    secrets: secretsFrom({}),
    seed: 0,
  });
  const definition = { ...found.mark.definition, name };
  return { definition, metric: builtIn ? metric : new GuardedMetric(definition, metric), options };
}

function openEntry(
  found: RegistryEntry<'metric'>,
  { name, options: given, location }: Pick<NamedEntry, 'name' | 'options'> & { location?: string },
  code: string | null,
): ProjectMetric {
  const builtIn = isBuiltIn(found);
  const opening = { name, options: given, builtIn };
  const { definition, metric, options } = openMetric(found, opening, location);
  const { name: plugin, version = 1 } = found.mark.definition;
  const plain = builtIn && version === 1 && name === plugin && Object.keys(given).length === 0;
  return {
    definition,
    metric,
    source: { file: found.file, plugin, ...opening },
    broken: () => (metric instanceof GuardedMetric ? metric.broken : undefined),
    key: plain
      ? name
      : {
          name,
          metric: plugin,
          package: found.package,
          version,
          options: options as Json,
          ...(code === null ? {} : { code }),
        },
  };
}

/** The same metrics in a thread, from their files. */
export async function reopenMetrics(
  sources: readonly MetricSource[],
): Promise<readonly LoadedMetric[]> {
  return await Promise.all(
    sources.map(async (source) => {
      const { file, plugin } = source;
      const found = (await loadPluginsFromFile(file, file)).find(
        ({ mark }) => mark.kind === 'metric' && mark.definition.name === plugin,
      );
      if (found === undefined)
        throw new HarnessError('pluginNotLoaded', {
          package: file,
          problem: `it no longer exports the metric "${plugin}"`,
        });
      return openMetric(found as unknown as RegistryEntry<'metric'>, source);
    }),
  );
}

/** In the order in which they are shown: by `order`, then by name. */
function compareMetrics({ definition: a }: LoadedMetric, { definition: b }: LoadedMetric): number {
  const difference = (a.order ?? Infinity) - (b.order ?? Infinity);
  if (difference < 0 || difference > 0) return difference;
  return a.name < b.name ? -1 : 1;
}

/** Makes them. @throws HarnessError for an unknown metric, wrong options, or a name given twice */
export async function loadMetrics({
  registry,
  entries,
  getLocation,
  load,
  code,
}: MetricLookUp): Promise<readonly ProjectMetric[]> {
  const metrics = new Map<string, ProjectMetric>();
  const paths = new Map<string, string>();
  for (const found of registry.list('metric').filter(isBuiltIn)) {
    const { name } = found.mark.definition;
    metrics.set(name, openEntry(found, { name, options: {} }, null));
    paths.set(name, 'the built-in metrics');
  }
  for (const [i, entry] of entries.entries()) {
    const path = `metrics[${i}]`;
    const named = readNamedEntry(registry, 'metric', entry, path, getLocation(entry, path));
    const found = await load(registry.find('metric', named.use, named.location));
    const metric = openEntry(found, named, await code.hash(found));
    const known = metrics.get(named.name);
    if (known !== undefined && typeof known.key === 'string' && known.key === metric.key) continue;
    const first = paths.get(named.name);
    if (first !== undefined)
      throw new PipelineError(
        'duplicateName',
        { kind: 'metric', name: named.name, first, second: path },
        { location: named.location },
      );
    metrics.set(named.name, metric);
    paths.set(named.name, path);
  }
  return [...metrics.values()].sort(compareMetrics);
}

/** @throws the error of the first metric that broke its contract */
export function refuseBroken(metrics: readonly ProjectMetric[]): void {
  for (const { broken } of metrics) {
    const error = broken();
    if (error !== undefined) throw error;
  }
}

/** What to do where a project has no metric of a name: list it, or correct the name. */
export const suggestMetric = (
  registry: Registry,
  name: string,
  known: readonly string[],
): string =>
  registry.has('metric', name)
    ? ' It is installed: add it to `metrics` in the config.'
    : suggestion(name, known);

/** Their definitions. */
export const getMetricDefinitions = (
  metrics: readonly LoadedMetric[],
): readonly MetricDefinition[] => metrics.map(({ definition }) => definition);

/** The keys that say more than a name: what results stand on besides data and protocol. */
export const distinguishedMetrics = (metrics: readonly ProjectMetric[]): readonly Json[] =>
  metrics.map(({ key }) => key).filter(isObject);

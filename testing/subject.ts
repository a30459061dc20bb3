/** Creates plugin classes as the harness does: parsed options, one container each. */
import { checkOptions, instantiate } from '../core/container.js';
import type { Dataset, Model, Router, Scorer } from '../core/contracts.js';
import type { Metric } from '../core/metric.js';
import type { Reporter } from '../core/reporter.js';
import { filesAt } from '../storage/files.js';
import { secretsFrom } from '../core/secrets.js';
import { getPluginMark, type PluginKind, type PluginMark } from '../core/plugin.js';
import type { RegistryEntry } from '../core/registry.js';

/** Any class. */
export type PluginClass = new (...args: never[]) => unknown;

/**
 * The instance type of each kind. Signals are inspected generically here, so they have no static
 * type.
 */
export interface InstanceOf {
  router: Router<object>;
  dataset: Dataset;
  scorer: Scorer;
  model: Model;
  metric: Metric;
  reporter: Reporter;
}

/** A plugin under test. `definition` is undefined where the class has no valid mark of its kind. */
export interface PluginSubject<K extends PluginKind> {
  readonly kind: K;
  readonly plugin: PluginClass;
  readonly mark: PluginMark | undefined;
  /** Options as the user writes them. */
  readonly given: object;
  /** Parsed options. */
  readonly options: () => unknown;
  /** A new instance. */
  readonly make: () => InstanceOf[K];
}

/**
 * Prepares a class for the rules. `folder` is the base of relative paths of FILES; default: the
 * current folder.
 */
export function buildSubject<K extends PluginKind>(
  kind: K,
  plugin: PluginClass,
  given: object = {},
  folder = '.',
): PluginSubject<K> {
  const mark = getPluginMark(plugin);
  const entry = {
    mark,
    plugin,
    package: 'under test',
    packageVersion: '0.0.0',
    file: '',
  } as unknown as RegistryEntry<K>;
  const options = (): unknown => checkOptions(entry, given);
  const tools = {
    logger: { info: () => {}, warn: () => {} },
    files: filesAt(folder),
    secrets: secretsFrom(process.env),
    seed: 1,
  };
  return {
    kind,
    plugin,
    mark,
    given,
    options,
    make: () => instantiate(entry, options(), tools) as unknown as InstanceOf[K],
  };
}

import { checkOptions, instantiate } from '../../core/container.js';
import type { Router, Scorer, Dataset, Metric, Model, Reporter } from '../../core/contracts.js';
import { filesAt } from '../../storage/files.js';
import { secretsFrom } from '../../core/secrets.js';
import { getPluginMark, type PluginKind } from '../../core/plugin.js';
import type { RegistryEntry } from '../../core/registry.js';

interface Kinds {
  router: Router<never>;
  scorer: Scorer;
  dataset: Dataset;
  model: Model;
  metric: Metric;
  reporter: Reporter;
}

/** An instance of a plugin class, created as the harness does. */
export function createInstance<K extends PluginKind>(
  kind: K,
  plugin: new (...args: never[]) => unknown,
  options: unknown = {},
  folder = '.',
): Kinds[K] {
  const mark = getPluginMark(plugin);
  if (mark?.kind !== kind) throw new Error(`${plugin.name} is not a ${kind}`);
  const entry = {
    mark,
    plugin,
    package: 'test',
    file: '',
  } as unknown as RegistryEntry<K>;
  const tools = {
    logger: { info: () => {}, warn: () => {} },
    files: filesAt(folder),
    secrets: secretsFrom(process.env),
    seed: 1,
  };
  return instantiate(entry, checkOptions(entry, options), tools) as unknown as Kinds[K];
}

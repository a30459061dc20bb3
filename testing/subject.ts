/** Creates plugin classes as the harness does: parsed options, one container each. */
import { checkOptions, instantiate } from '../core/container.js';
import { filesAt } from '../storage/files.js';
import { secretsFrom } from '../core/secrets.js';
import {
  getPluginMark,
  type InstanceOf,
  type PluginKind,
  type PluginMark,
} from '../core/plugin.js';
import type { RegistryEntry } from '../core/registry.js';

/** Any class. */
export type PluginClass = new (...args: never[]) => unknown;

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

/** Plugins as a config names them. */
import type { PluginKind } from '../../core/plugin.js';
import type { Registry } from '../../core/registry.js';

/** An entry of the config: a name, or a name with options and a name of its own. */
export type ConfigEntry =
  | string
  | {
      readonly use: string;
      readonly as?: string | undefined;
      readonly options?: Readonly<Record<string, unknown>> | undefined;
    };

/** An entry with its location in the user's files. */
export interface NamedEntry {
  /** Under which it is listed. */
  readonly name: string;
  /** Name or alias of the plugin. */
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly path: string;
  readonly location: string;
}

/**
 * Reads an entry. An alias is listed under the canonical name; an unknown name stays as it is, and
 * is reported where the plugin is made.
 */
export function readNamedEntry(
  registry: Registry,
  kind: PluginKind,
  entry: ConfigEntry,
  path: string,
  location: string,
): NamedEntry {
  const { use, as, options } = typeof entry === 'string' ? { use: entry } : entry;
  const canonical = registry.has(kind, use) ? registry.find(kind, use).mark.definition.name : use;
  const name = as === undefined || as === use ? canonical : as;
  return { name, use, options: options ?? {}, path, location };
}

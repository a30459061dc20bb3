/** Paths into a config, such as `['routers', '0', 'use']`. */
import { isObject } from '../../core/util/json.js';

/** Names and indices that lead to a value. */
export type ConfigPath = readonly string[];

/** The value at a path; undefined where the config has none. */
export function getAt(value: unknown, path: ConfigPath): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (Array.isArray(value)) return getAt(value[Number(key)], rest);
  return isObject(value) ? getAt(value[key], rest) : undefined;
}

/** Every value that is neither an object nor a list, with its path. */
export function listLeaves(
  value: unknown,
  path: ConfigPath = [],
): readonly { readonly path: ConfigPath; readonly value: unknown }[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) && !isObject(value)) return [{ path, value }];
  return Object.entries(value).flatMap(([key, member]) => listLeaves(member, [...path, key]));
}

/** A path as users read it: `routers[0].use`. */
export const formatPath = (path: ConfigPath): string =>
  path
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

/** The names and indices of a path that {@link formatPath} wrote. */
export const parsePath = (path: string): ConfigPath =>
  path.split(/[.[\]]+/).filter((key) => key !== '');

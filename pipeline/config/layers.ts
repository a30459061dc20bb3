/** A config is made of layers: what it extends, the file itself, the environment and flags. */
import { isObject } from '../../core/util/json.js';
import { getAt, type ConfigPath } from './paths.js';

/** Values of one origin and its name, such as `harness.config.ts` or `flag --limit`. */
export interface ConfigLayer {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
}

const mergeTwo = (
  lower: Readonly<Record<string, unknown>>,
  upper: Readonly<Record<string, unknown>>,
): Record<string, unknown> => {
  const merged: Record<string, unknown> = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const replaced = merged[key];
    merged[key] = isObject(replaced) && isObject(value) ? mergeTwo(replaced, value) : value;
  }
  return merged;
};

/** One config from all layers, lowest first. Objects are merged, everything else is replaced. */
export const mergeLayers = (layers: readonly ConfigLayer[]): Record<string, unknown> =>
  layers.reduce<Record<string, unknown>>((merged, { values }) => mergeTwo(merged, values), {});

/** The name of the uppermost layer that has a value at a path; `default` where none has. */
export const getSource = (layers: readonly ConfigLayer[], path: ConfigPath): string =>
  layers.findLast(({ values }) => getAt(values, path) !== undefined)?.name ?? 'default';

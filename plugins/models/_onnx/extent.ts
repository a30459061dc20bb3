import { brokenFolder } from './broken-folder.js';
import type { ModelFolder, Settings } from './folder.js';
import type { GraphValue } from './graph.js';

/** The size of one axis: from the graph if it is fixed there, else from config.json. */
export function extent(
  folder: ModelFolder,
  value: GraphValue,
  axis: number,
  names: readonly string[],
): number {
  const fixed = value.shape[axis];
  if (typeof fixed === 'number' && fixed > 0 && fixed < 2 ** 31) return fixed;
  const configured = numberIn(folder.config, ...names);
  if (configured !== undefined) return configured;
  throw brokenFolder(
    folder.path,
    `axis ${axis} of "${value.name}" has no fixed size in ${folder.modelFile}, and config.json has no ${names.join(' or ')}.`,
  );
}

/** The first of several settings that is a number. */
export function numberIn(settings: Settings, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = settings[name];
    if (typeof value === 'number') return value;
  }
  return undefined;
}

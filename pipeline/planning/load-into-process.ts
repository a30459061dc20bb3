import type { FoundPlugin } from '../../core/discover.js';
import { HarnessError } from '../../core/errors.js';
import { findDefinitionProblem } from '../definition-problem.js';
import { loadPluginsFromFile } from '../../core/plugin-files.js';

/**
 * Loads a third-party dataset, scorer or model into this process: they see questions and answers in
 * any case, so naming one in a config means trusting it. Only its own file is loaded.
 */
export async function loadIntoProcess<Entry extends FoundPlugin>(entry: Entry): Promise<Entry> {
  if (entry.thirdParty === null) return entry;
  const { kind, file = '', definition } = entry.thirdParty.described;
  const exported = await loadPluginsFromFile(file, entry.package);
  const found = exported.find(
    ({ mark }) => mark.kind === kind && mark.definition.name === definition.name,
  );
  if (found !== undefined) {
    const wrong = findDefinitionProblem(found.mark);
    if (wrong !== undefined)
      throw new HarnessError('brokenPluginContract', {
        kind,
        name: definition.name,
        problem: wrong,
      });
    return { ...entry, mark: found.mark, plugin: found.plugin };
  }
  const problem = `${entry.file} no longer exports ${kind} "${definition.name}"`;
  throw new HarnessError('pluginNotLoaded', { package: entry.package, problem });
}

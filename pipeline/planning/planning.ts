import { openPluginCode, type PluginCode } from '../code/plugin-code.js';
import { loadIntoProcess } from './load-into-process.js';
import type { ConfigEntry, NamedEntry } from './named-entry.js';
import type { Selection } from './planned.js';
import type { Project } from '../project.js';
import type { RegistryEntry } from '../../core/registry.js';
import { Mistakes } from './config-errors.js';
import { PipelineError } from '../errors.js';

/** What the parts of planning share. */
export class Planning {
  readonly mistakes = new Mistakes();
  /** Third-party plugins that were loaded into this process, by package. */
  readonly loadedThirdParty = new Map<string, string>();

  readonly code: PluginCode;

  constructor(
    readonly project: Project,
    readonly selection: Selection,
  ) {
    this.code = openPluginCode(project);
  }

  /** Where an entry of the config is in the user's files. */
  getLocation(entry: ConfigEntry, path: string): string {
    return this.project.getLocation(path, typeof entry === 'string' ? entry : entry.use);
  }

  /** Loads a plugin into this process, third-party ones too. */
  async loadIntoProcess<E extends RegistryEntry>(entry: E, kind: string): Promise<E> {
    if (entry.thirdParty !== null)
      this.loadedThirdParty.set(entry.package, `${kind} "${entry.mark.definition.name}"`);
    return await loadIntoProcess(entry);
  }

  /** Two entries of one name are a mistake. */
  refuseTwice(kind: string, all: readonly NamedEntry[]): void {
    all.forEach((entry, i) => {
      const first = all.find((other) => other.name === entry.name) as NamedEntry;
      if (first !== all[i])
        this.mistakes.add(
          new PipelineError(
            'duplicateName',
            { kind, name: entry.name, first: first.path, second: entry.path },
            { location: entry.location },
          ),
        );
    });
  }
}

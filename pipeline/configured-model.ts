/** The models that a config names, outside of a plan. */
import { resolve } from 'node:path';
import { checkOptions, instantiate } from '../core/container.js';
import type { Model } from '../core/contracts.js';
import { loadIntoProcess } from './planning/load-into-process.js';
import type { Project } from './project.js';
import type { RegistryEntry } from '../core/registry.js';

/**
 * Makes the backend of a model with its options. @throws HarnessErrors RXB2105 naming what is wrong
 * with them, and where they are written
 */
export function configuredModel(
  { config, folder, modelTools, getLocation }: Project,
  name: string,
  found: RegistryEntry<'model'>,
): Model {
  const entry = config.models[name];
  if (entry === undefined) throw new Error(`the config has no model "${name}"`);
  return instantiate(
    found,
    checkOptions(found, entry.options, getLocation(`models.${name}`, entry.use)),
    modelTools,
    { model: name, results: resolve(folder, config.results) },
  );
}

/** Finds the backend of a model, third-party ones too, and makes it. @throws HarnessError */
export async function openModel(project: Project, name: string): Promise<Model> {
  const use = project.config.models[name]?.use ?? '';
  return configuredModel(
    project,
    name,
    await loadIntoProcess(
      project.registry.find('model', use, project.getLocation(`models.${name}`, use)),
    ),
  );
}

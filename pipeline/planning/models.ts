import { configuredModel } from '../configured-model.js';
import { HarnessError } from '../../core/errors.js';
import { mergeGeneration } from '../prompts.js';
import type { PlannedModel } from './planned.js';
import type { Planning } from './planning.js';

/** The models of a config, opened as far as their capabilities. */
export interface OpenedModels {
  readonly models: ReadonlyMap<string, PlannedModel>;
  /** Models that may be missing and are, with the reason. */
  readonly unopened: ReadonlyMap<string, unknown>;
}

/** A model that is asked for answers must be able to give them. */
export function refuseSilent(
  { mistakes }: Planning,
  models: ReadonlyMap<string, PlannedModel>,
  name: string,
  location: string,
): void {
  const known = models.get(name);
  if (
    known === undefined ||
    known.info.can.includes('generate') ||
    known.info.recorded !== undefined
  )
    return;
  mistakes.add(
    new HarnessError(
      'cannotGenerateText',
      { model: name, backend: known.backend, can: known.info.can.join(', ') || 'nothing' },
      { location },
    ),
  );
}

/** Opens them all. */
export async function planModels(planning: Planning): Promise<OpenedModels> {
  const { project, selection, mistakes } = planning;
  const { config, registry } = project;
  const models = new Map<string, PlannedModel>();
  const unopened = new Map<string, unknown>();
  for (const [name, entry] of Object.entries(config.models)) {
    await mistakes.try(async () => {
      const location = project.getLocation(`models.${name}`, entry.use);
      const found = await planning.loadIntoProcess(
        registry.find('model', entry.use, location),
        'model',
      );
      const instance = configuredModel(project, name, found);
      const info = await instance.info().catch((error: unknown) => {
        if (selection.fitRows !== true || name === 'weak' || name === 'strong') throw error;
        unopened.set(name, error); // the classifier that is to be made, for one
        return undefined;
      });
      if (info === undefined) return;
      models.set(name, {
        name,
        backend: entry.use,
        code: await planning.code.hash(found),
        model: instance,
        info,
        generation: mergeGeneration(config, name),
      });
      if (name === 'weak' || name === 'strong') refuseSilent(planning, models, name, location);
    });
  }
  return { models, unopened };
}

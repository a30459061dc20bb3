import { configuredModel } from '../configured-model.js';
import {
  getErrorMessage,
  getHarnessErrors,
  HarnessError,
  HarnessErrors,
} from '../../core/errors.js';
import { mergeGeneration } from '../prompts.js';
import type { PlannedModel } from './planned.js';
import type { Planning } from './planning.js';

/** The models of a config, opened as far as their capabilities. */
export interface OpenedModels {
  readonly models: ReadonlyMap<string, PlannedModel>;
  /** Models that cannot be opened, and why; never the weak or the strong one. */
  readonly unopened: ReadonlyMap<string, HarnessErrors>;
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

/**
 * Opens them all. Only the weak and the strong model are needed in any case; another one that
 * cannot be opened is missed by what needs it.
 */
export async function planModels(planning: Planning): Promise<OpenedModels> {
  const { mistakes } = planning;
  const models = new Map<string, PlannedModel>();
  const unopened = new Map<string, HarnessErrors>();
  for (const [name, entry] of Object.entries(planning.project.config.models)) {
    try {
      models.set(name, await planModel(planning, name, entry.use));
    } catch (error) {
      const errors = getHarnessErrors(error);
      if (errors === undefined) throw error;
      if (isNeeded(name)) errors.forEach((one) => mistakes.add(one));
      else unopened.set(name, new HarnessErrors(errors));
    }
  }
  return { models, unopened };
}

const isNeeded = (name: string): boolean => name === 'weak' || name === 'strong';

async function planModel(planning: Planning, name: string, use: string): Promise<PlannedModel> {
  const { project } = planning;
  const location = project.getLocation(`models.${name}`, use);
  const found = await planning.loadIntoProcess(
    project.registry.find('model', use, location),
    'model',
  );
  const model = configuredModel(project, name, found);
  const info = await model.info().catch((cause: unknown) => {
    if (getHarnessErrors(cause) !== undefined) throw cause;
    const problem = `its method \`info\` failed: ${getErrorMessage(cause)}`;
    throw new HarnessError('brokenBackend', { model: name, problem }, { cause, location });
  });
  const generation = mergeGeneration(project.config, name);
  const code = await planning.code.hash(found);
  const planned = { name, backend: use, code, model, info, generation };
  if (isNeeded(name)) refuseSilent(planning, new Map([[name, planned]]), name, location);
  return planned;
}

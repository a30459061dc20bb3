import { checkOptions, instantiate } from '../../core/container.js';
import { getHarnessErrors, HarnessError, HarnessErrors } from '../../core/errors.js';
import type { OpenedRouter } from '../../core/plugin-host.js';
import type { OpenedModels } from './models.js';
import type { NamedEntry } from './named-entry.js';
import type { FailedRouter, PlannedModel, PlannedRouter } from './planned.js';
import type { Project } from '../project.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { RouterInstance } from '../../core/router-instance.js';
import { expandRouter, selectRouters } from './router-list.js';
import { guardRouter } from '../stages/guarded-router.js';
import { getRouterShape } from '../../sandbox/router-shape.js';
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignal } from '../../core/signals/table.js';
import { getModelName } from '../signals/requests.js';
import type { Planning } from './planning.js';
import { drawTrials } from '../protocol/trials.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import type { Json, JsonObject } from '../../core/util/json.js';
import { PipelineError } from '../errors.js';

/** The routers of a plan, and the names of all that the config lists. */
export interface ChosenRouters {
  readonly routers: readonly PlannedRouter[];
  readonly refused: readonly FailedRouter[];
  readonly listed: readonly string[];
}

/**
 * Opens the routers that are selected, and checks that the models can give what they ask for. One
 * that cannot be used costs its own row only, unless none is left.
 */
export async function planRouters(
  planning: Planning,
  models: OpenedModels,
): Promise<ChosenRouters> {
  const { project, selection, mistakes } = planning;
  const { config, registry } = project;
  const expanded = await Promise.all(
    config.routers.map((entry, i) =>
      mistakes.try(() =>
        expandRouter(
          registry,
          entry,
          `routers[${i}]`,
          planning.getLocation(entry, `routers[${i}]`),
        ),
      ),
    ),
  );
  const listed = expanded.flatMap((entries) => entries ?? []);
  planning.refuseTwice('router', listed);
  const wanted =
    selection.routers === undefined
      ? listed
      : ((await mistakes.try(() => selectRouters(registry, listed, selection.routers ?? []))) ??
        []);
  const routers: PlannedRouter[] = [];
  const refused: FailedRouter[] = [];
  for (const entry of wanted) {
    try {
      routers.push(await planRouter(planning, models, entry));
    } catch (error) {
      refused.push({ router: entry.name, errors: requireErrors(error) });
    }
  }
  for (const { errors } of refused)
    for (const error of errors)
      if (routers.length === 0 || isTypingMistake(planning, error)) mistakes.add(error);
  return { routers, refused, listed: listed.map(({ name }) => name) };
}

/** A name that no plugin has, where every package could be loaded. */
const isTypingMistake = ({ project }: Planning, { kind }: HarnessError): boolean =>
  kind === 'unknownRouter' && project.registry.plugins.unusable.length === 0;

/** The errors with a code. @throws the error where it has none */
function requireErrors(error: unknown): readonly HarnessError[] {
  const errors = getHarnessErrors(error);
  if (errors === undefined) throw error;
  return errors;
}

async function planRouter(
  planning: Planning,
  models: OpenedModels,
  entry: NamedEntry,
): Promise<PlannedRouter> {
  const { project, code } = planning;
  const found = project.registry.find('router', entry.use, entry.location);
  const hash = await code.hash(found);
  const name = entry.name === entry.use ? found.mark.definition.name : entry.name;
  return await openAs(planning, models, { entry, found, code: hash, name });
}

/** A router as the config names it. */
interface NamedRouter {
  readonly entry: NamedEntry;
  readonly found: RegistryEntry<'router'>;
  readonly code: string | null;
  readonly name: string;
}

/** Opens a router with its options. */
async function openAs(
  planning: Planning,
  models: OpenedModels,
  named: NamedRouter,
): Promise<PlannedRouter> {
  const { project } = planning;
  const { entry, found, code, name } = named;
  const { definition } = found.mark;
  const given = (entry.options ?? {}) as JsonObject;
  const opened = await openRouter(found, entry, project);
  const { needs, fitted } = opened;
  const unmet = findUnmet(project, models, { router: name, needs, location: entry.location });
  if (unmet.length > 0) throw new HarnessErrors(unmet);
  const { search, seed } = project.config.protocol;
  const trials = fitted
    ? drawTrials(definition.search ?? {}, Object.keys(given), search, seed)
    : [{}];
  const planned: Omit<PlannedRouter, 'withOptions'> = {
    name,
    definition,
    package: found.package,
    code,
    ...opened,
    chosen: {},
    trials,
    isolated: found.thirdParty !== null,
  };
  const withOptions = async (over: JsonObject): Promise<PlannedRouter> => {
    const replaced = { ...entry, options: { ...given, ...over } };
    const other = await openRouter(found, replaced, project);
    if (canonicalJson(other.needs as unknown as Json) !== canonicalJson(needs as unknown as Json))
      throw new HarnessError('brokenPluginContract', {
        kind: 'router',
        name,
        problem: `with ${canonicalJson(over)} it needs other signals; \`search\` may not change them`,
      });
    return { ...planned, ...other, needs, chosen: over, withOptions };
  };
  return { ...planned, withOptions };
}

/** Why a model cannot give a signal to a router; undefined where it can. */
function findLack(
  router: string,
  request: SignalRequest,
  { name: model, backend, info }: PlannedModel,
  location: string,
): HarnessError | undefined {
  const { kind: signal, ability, partialAbility } = getSignal(request);
  if (info.can.includes(ability)) return undefined;
  const problem = info.lacks?.[ability];
  if (problem !== undefined)
    return new PipelineError(
      'signalNotExposed',
      { router, signal, model, backend, problem },
      { location },
    );
  if (partialAbility === undefined || !info.can.includes(partialAbility))
    return new PipelineError('unsupportedSignal', { router, signal, model, backend }, { location });
  const { topLogprobs: given = 0 } = info;
  const { top } = request;
  if (top !== undefined && top <= given) return undefined;
  const wanted = top === undefined ? 'the whole vocabulary' : `the ${top} likeliest tokens`;
  return new PipelineError('tooFewTopLogprobs', { router, wanted, model, given }, { location });
}

/** An error for each signal that a router asks for and no model gives. */
function findUnmet(
  project: Project,
  { models, unopened }: OpenedModels,
  {
    router,
    needs,
    location,
  }: {
    readonly router: string;
    readonly needs: readonly SignalRequest[];
    readonly location: string;
  },
): readonly HarnessError[] {
  return needs.flatMap((request) => {
    const model = getModelName(request);
    if (!(model in project.config.models))
      return new PipelineError(
        'missingModel',
        { router: `router "${router}"`, model },
        { location },
      );
    const planned = models.get(model);
    if (planned === undefined) return getHarnessErrors(unopened.get(model)) ?? [];
    return findLack(router, request, planned, location) ?? [];
  });
}

/** Checks the options of a router; a third-party plugin's in a process of its own. */
async function openRouter(
  found: RegistryEntry<'router'>,
  { options: given, location, name }: NamedEntry,
  { tools, config }: Project,
): Promise<OpenedRouter> {
  if (found.thirdParty !== null)
    return await found.thirdParty.package.open(
      found.mark.definition.name,
      given,
      tools.seed,
      location,
    );
  const options = checkOptions(found, given, location);
  const make = (): RouterInstance => {
    const instance = instantiate(found, options, tools);
    return found.unverifiedReason === null
      ? instance
      : guardRouter(name, instance, config.isolation);
  };
  return {
    options,
    ...getRouterShape(found.mark.definition, options, make()),
    make,
    unverifiedReason: found.unverifiedReason,
  };
}

import type { ModelAbility } from '../../core/contracts.js';
import { checkOptions, instantiate } from '../../core/container.js';
import type { OpenedRouter } from '../../core/plugin-host.js';
import type { NamedEntry } from './named-entry.js';
import type { PlannedModel, PlannedRouter } from './planned.js';
import type { Project } from '../project.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { RouterInstance } from '../../core/router-instance.js';
import { expandRouter, selectRouters } from './router-list.js';
import { getRouterShape } from '../../sandbox/router-shape.js';
import { getModelName, type SignalKind, type SignalRequest } from '../../core/signals/requests.js';
import type { Planning } from './planning.js';
import { PipelineError } from '../errors.js';

const ABILITY: Readonly<Record<SignalKind, ModelAbility>> = {
  logits: 'logits',
  'hidden-states': 'hidden-states',
  embedding: 'embedding',
  'class-logits': 'classification',
  answer: 'generate',
  samples: 'generate',
  reply: 'generate',
  'choice-logprobs': 'choice-logprobs',
  'sample-embeddings': 'embedding',
  entailment: 'generate',
};

/** The routers of a plan, and the names of all that the config lists. */
export interface ChosenRouters {
  readonly routers: readonly PlannedRouter[];
  readonly listed: readonly string[];
}

/** Opens the routers that are selected, and checks that the models can give what they ask for. */
export async function planRouters(
  planning: Planning,
  models: ReadonlyMap<string, PlannedModel>,
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
  for (const entry of wanted) {
    await mistakes.try(async () => {
      const found = registry.find('router', entry.use, entry.location);
      const { definition } = found.mark;
      const { options, needs, fitted, make, unverifiedReason } = await openRouter(
        found,
        entry,
        project.tools,
      );
      const name = entry.name === entry.use ? definition.name : entry.name;
      routers.push({
        name,
        definition,
        package: found.package,
        options,
        needs,
        fitted,
        make,
        unverifiedReason,
        isolated: found.thirdParty !== null,
      });
      refuseUnmet(planning, models, { router: name, needs, location: entry.location });
    });
  }
  return { routers, listed: listed.map(({ name }) => name) };
}

/** Notes what a router asks for that no model gives. */
function refuseUnmet(
  { project, mistakes }: Planning,
  models: ReadonlyMap<string, PlannedModel>,
  {
    router,
    needs,
    location,
  }: {
    readonly router: string;
    readonly needs: readonly SignalRequest[];
    readonly location: string;
  },
): void {
  for (const request of needs) {
    const model = getModelName(request);
    if (!(model in project.config.models)) {
      mistakes.add(
        new PipelineError('missingModel', { router: `router "${router}"`, model }, { location }),
      );
      continue;
    }
    const planned = models.get(model);
    if (planned === undefined || planned.info.can.includes(ABILITY[request.kind])) continue;
    const { topLogprobs = 0, can } = planned.info;
    const lack = planned.info.lacks?.[ABILITY[request.kind]];
    if (lack !== undefined)
      mistakes.add(
        new PipelineError(
          'signalNotExposed',
          { router, signal: request.kind, model, backend: planned.backend, problem: lack },
          { location },
        ),
      );
    else if (request.kind !== 'logits' || !can.includes('top-logprobs')) {
      mistakes.add(
        new PipelineError(
          'unsupportedSignal',
          { router, signal: request.kind, model, backend: planned.backend },
          { location },
        ),
      );
    } else if (request.top === undefined || request.top > topLogprobs) {
      mistakes.add(
        new PipelineError(
          'tooFewTopLogprobs',
          {
            router,
            wanted:
              request.top === undefined
                ? 'the whole vocabulary'
                : `the ${request.top} likeliest tokens`,
            model,
            given: topLogprobs,
          },
          { location },
        ),
      );
    }
  }
}

/** Checks the options of a router: ours here, a stranger's in its own process. */
async function openRouter(
  found: RegistryEntry<'router'>,
  { options: given, location }: NamedEntry,
  tools: Project['tools'],
): Promise<OpenedRouter> {
  if (found.thirdParty !== null)
    return await found.thirdParty.package.open(
      found.mark.definition.name,
      given,
      tools.seed,
      location,
    );
  const options = checkOptions(found, given, location);
  const make = (): RouterInstance => instantiate(found, options, tools);
  return {
    options,
    ...getRouterShape(found.mark.definition, options, make()),
    make,
    unverifiedReason: found.unverifiedReason,
  };
}

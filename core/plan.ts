/** Everything that can be refused is refused here, all of it at once, before anything costs time. */
import type { Dataset, DatasetRow, Model, ModelAbility, ModelCard } from './contracts.js';
import type { ResolvedConfig } from './config-schema.js';
import { checkOptions, instantiate } from './container.js';
import { hosted } from './discover.js';
import { HarnessError, HarnessErrors } from './errors.js';
import { TestQuestions, type SharedQuestions } from './hygiene.js';
import type { OpenedRouter } from './isolation/stranger.js';
import { namedEntry, type ConfigEntry, type NamedEntry } from './named-entry.js';
import { settled, type DatasetDefinition, type RouterDefinition } from './plugin.js';
import { planScorer, warnOfJudges, type PlannedScorer } from './plan-scorer.js';
import type { LabelRule } from './protocol/label.js';
import type { Project } from './project.js';
import { openQuerySet, type QuerySet } from './query-set.js';
import type { RegistryEntry } from './registry.js';
import type { RouterInstance } from './router-instance.js';
import { shapeOf } from './router-shape.js';
import { expandRouter, selectRouters } from './router-list.js';
import type { SignalKind, SignalRequest } from './signals/requests.js';
import { suggestion } from './util/closest.js';

/** What part of a project to work on; left out = all that the config lists. */
export interface Selection {
  readonly datasets?: readonly string[] | undefined;
  readonly routers?: readonly string[] | undefined;
  /** Open the fit rows of all in-domain sets though no router is fitted; models that nobody asks may be missing. */
  readonly fitRows?: boolean;
}

/** A model of the config, ready to be asked. */
export interface PlannedModel {
  readonly name: string;
  readonly backend: string;
  readonly model: Model;
  readonly card: ModelCard;
  readonly generation: { readonly maxTokens: number; readonly temperature: number; readonly topP: number; readonly seed: number };
}

/** A dataset of the config with its scorers and the splits in use. */
export interface PlannedSet {
  readonly name: string;
  readonly role: 'in-domain' | 'out-of-domain';
  readonly group: string | null;
  readonly definition: DatasetDefinition;
  readonly package: string;
  readonly label: LabelRule;
  /** Each grades what those before it could not. */
  readonly scorers: readonly PlannedScorer[];
  /** False where the set is here only to be fitted on. */
  readonly tested: boolean;
  readonly test: QuerySet;
  /** Only for in-domain sets, and only where a router is fitted. */
  readonly fit: QuerySet | null;
}

/** A router of the config. */
export interface PlannedRouter {
  readonly name: string;
  readonly definition: RouterDefinition;
  readonly package: string;
  readonly options: unknown;
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
  /** A new instance, one for every fit and every set that is scored. */
  readonly make: () => RouterInstance;
  /** Why its rows are only self-reported: no wall stood between it and labels. Null where one did, and for our own. */
  readonly selfReported: string | null;
  /** Whether it runs in a process of its own. */
  readonly isolated: boolean;
}

/** A run that can be done. */
export interface Plan {
  readonly project: Project;
  readonly models: ReadonlyMap<string, PlannedModel>;
  readonly sets: readonly PlannedSet[];
  readonly routers: readonly PlannedRouter[];
  /** Fit rows that are test rows too. */
  readonly shared: readonly SharedQuestions[];
  /** Questions that test sets share. */
  readonly between: () => readonly SharedQuestions[];
  /** Names of all routers that the config lists, in the plan or not. */
  readonly listed: readonly string[];
}

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

/** The model of the config that answers a request. */
export const modelOf = (request: SignalRequest): string => (typeof request.params['model'] === 'string' ? request.params['model'] : 'weak');

type DatasetConfig = ResolvedConfig['datasets']['inDomain'][number];

/** Collects mistakes instead of stopping at the first. */
class Mistakes {
  readonly #found: HarnessError[] = [];

  add(error: HarnessError): void {
    this.#found.push(error);
  }

  async try<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HarnessErrors) this.#found.push(...error.errors);
      else if (error instanceof HarnessError) this.#found.push(error);
      else throw error;
      return undefined;
    }
  }

  throw(): void {
    if (this.#found.length === 1) throw this.#found[0] as HarnessError;
    if (this.#found.length > 1) throw new HarnessErrors(this.#found);
  }
}

/** Checks the selection and makes the plan. A single mistake is thrown as it is, several as HarnessErrors. */
export async function makePlan(project: Project, selection: Selection = {}): Promise<Plan> {
  try {
    return await planOf(project, selection);
  } finally {
    await project.registry.release(); // nothing is opened after this
  }
}

async function planOf(project: Project, selection: Selection): Promise<Plan> {
  const { config, registry, tools, placeOf } = project;
  const mistakes = new Mistakes();

  const placed = (entry: ConfigEntry, path: string): string => placeOf(path, typeof entry === 'string' ? entry : entry.use);

  /** What strangers' code was loaded into this process, by package. */
  const guests = new Map<string, string>();
  const host = async <E extends RegistryEntry>(entry: E, kind: string): Promise<E> => {
    if (entry.stranger !== null) guests.set(entry.package, `${kind} "${entry.mark.definition.name}"`);
    return await hosted(entry);
  };

  // -------------------------------------------------------------------------------------------------------- models
  const models = new Map<string, PlannedModel>();
  const unopened = new Map<string, unknown>();
  const refuseSilent = (name: string, place: string): void => {
    const known = models.get(name);
    if (known === undefined || known.card.can.includes('generate') || known.card.recorded !== undefined) return;
    mistakes.add(new HarnessError('RXB4009', { model: name, backend: known.backend, can: known.card.can.join(', ') || 'nothing' }, { place }));
  };
  for (const [name, entry] of Object.entries(config.models)) {
    await mistakes.try(async () => {
      const place = placeOf(`models.${name}`, entry.use);
      const found = await host(registry.find('model', entry.use, place), 'model');
      const instance = instantiate(found, checkOptions(found, entry.options, place), tools);
      const { system: _system, ...generation } = config.generation;
      const own = Object.fromEntries(Object.entries(entry.generation ?? {}).filter(([, value]) => value !== undefined));
      const card = await instance.card().catch((error: unknown) => {
        if (selection.fitRows !== true || name === 'weak' || name === 'strong') throw error;
        unopened.set(name, error); // the classifier that is to be made, for one
        return undefined;
      });
      if (card === undefined) return;
      models.set(name, { name, backend: entry.use, model: instance, card, generation: { ...generation, ...own } });
      if (name === 'weak' || name === 'strong') refuseSilent(name, place);
    });
  }

  // ------------------------------------------------------------------------------------------------------- routers
  const expanded = await Promise.all(config.routers.map((entry, i) => mistakes.try(() => expandRouter(registry, entry, `routers[${i}]`, placed(entry, `routers[${i}]`)))));
  const listed = expanded.flatMap((entries) => entries ?? []);
  const refuseTwice = (kind: string, all: readonly NamedEntry[]): void =>
    all.forEach((entry, i) => {
      const first = all.find((other) => other.name === entry.name) as NamedEntry;
      if (first !== all[i]) mistakes.add(new HarnessError('RXB1006', { kind, name: entry.name, first: first.path, second: entry.path }, { place: entry.place }));
    });
  refuseTwice('router', listed);
  const wanted = selection.routers === undefined ? listed : ((await mistakes.try(() => selectRouters(registry, listed, selection.routers ?? []))) ?? []);
  const routers: PlannedRouter[] = [];
  for (const entry of wanted) {
    await mistakes.try(async () => {
      const found = registry.find('router', entry.use, entry.place);
      const { definition } = found.mark;
      const { options, needs, fitted, make, standing } = await openRouter(found, entry, tools);
      const name = entry.name === entry.use ? definition.name : entry.name;
      routers.push({ name, definition, package: found.package, options, needs, fitted, make, selfReported: standing, isolated: found.stranger !== null });
      for (const request of needs) {
        const model = modelOf(request);
        if (!(model in config.models)) {
          mistakes.add(new HarnessError('RXB4003', { router: name, model }, { place: entry.place }));
          continue;
        }
        const planned = models.get(model);
        if (planned !== undefined && !planned.card.can.includes(ABILITY[request.kind])) {
          const { topLogprobs = 0, can } = planned.card;
          if (request.kind === 'logits' && can.includes('top-logprobs')) {
            if (request.top !== undefined && request.top <= topLogprobs) continue;
            mistakes.add(new HarnessError('RXB4110', { router: name, wanted: request.top === undefined ? 'the whole vocabulary' : `the ${request.top} likeliest tokens`, model, given: topLogprobs }, { place: entry.place }));
            continue;
          }
          mistakes.add(new HarnessError('RXB4002', { router: name, signal: request.kind, model, backend: planned.backend }, { place: entry.place }));
        }
      }
    });
  }

  // ------------------------------------------------------------------------------------------------------ datasets
  const { protocol, limit } = config;
  const readsFitRows = selection.fitRows === true || protocol.transfer === 'all' || routers.some((router) => router.fitted);
  const entries = [
    ...config.datasets.inDomain.map((entry, i) => ({ entry, role: 'in-domain' as const, path: `datasets.inDomain[${i}]` })),
    ...config.datasets.outOfDomain.map((entry, i) => ({ entry, role: 'out-of-domain' as const, path: `datasets.outOfDomain[${i}]` })),
  ].map((item) => ({ ...item, ...namedEntry(registry, 'dataset', item.entry, item.path, placed(item.entry, item.path)) }));
  refuseTwice('dataset', entries);
  const names = entries.map((entry) => entry.name);
  for (const name of selection.datasets ?? []) {
    if (!names.includes(name)) mistakes.add(new HarnessError('RXB2102', { name, suggestion: suggestion(name, names) }, { place: `--datasets ${name}` }));
  }
  const sets: PlannedSet[] = [];
  const questions = new TestQuestions(protocol.overlap);
  const shared: SharedQuestions[] = [];
  const waiting: (() => Promise<void>)[] = []; // fit splits are opened when all test questions are known
  for (const item of entries) {
    const chosen = selection.datasets === undefined || selection.datasets.includes(item.name);
    const fits = item.role === 'in-domain' && readsFitRows; // fitting always uses every in-domain set: a part of them would be another router
    if (!chosen && !readsFitRows) continue; // whom fitting leaves out must not hang on what is tested now
    await mistakes.try(async () => {
      const own: Exclude<DatasetConfig, string> = typeof item.entry === 'string' ? { use: item.use } : item.entry;
      const found = await host(registry.find('dataset', item.use, item.place), 'dataset');
      const options = checkOptions(found, item.options, item.place);
      const definition = settled(found.mark.definition, options);
      const source: Dataset = instantiate(found, options, tools);
      const scorers: PlannedScorer[] = [];
      for (const entry of [own.scorer ?? definition.scorer].flat()) {
        const planned = await mistakes.try(async () => await planScorer(project, await host(registry.find('scorer', typeof entry === 'string' ? entry : entry.use, item.place), 'scorer'), entry, { name: item.name, scale: definition.scale }, item.place));
        if (planned === undefined) return;
        scorers.push(planned);
        for (const model of planned.models) {
          if (unopened.has(model)) throw unopened.get(model);
          if (!(model in config.models)) mistakes.add(new HarnessError('RXB4003', { router: `scorer ${planned.name}`, model }, { place: item.place }));
          else refuseSilent(model, item.place);
        }
      }
      const open = async (split: string, count: number | undefined, leaveOut?: (row: DatasetRow) => boolean): Promise<QuerySet> => {
        if (!definition.splits.includes(split)) {
          throw new HarnessError('RXB3005', { dataset: item.name, split, splits: definition.splits.join(', ') }, { place: item.place });
        }
        return await openQuerySet(source, { dataset: item.name, split, limit, count, seed: protocol.seed, ...(leaveOut === undefined ? {} : { leaveOut }) });
      };
      const fitSplit = own.fitSplit ?? protocol.fitSplit;
      const testSplit = own.testSplit ?? protocol.testSplit;
      if (fits && fitSplit === testSplit) {
        throw new HarnessError('RXB3004', { where: item.name, problem: `it is fitted and tested on one split, "${fitSplit}"`, dataset: item.name }, { place: item.place });
      }
      const test = await mistakes.try(() => open(testSplit, undefined));
      if (test === undefined) {
        if (fits) await mistakes.try(() => open(fitSplit, protocol.fitRows)); // for its own mistakes
        return;
      }
      await questions.add(test);
      if (!chosen && !fits) return;
      waiting.push(async () => {
        const watch = questions.watch({ dataset: item.name, split: fitSplit });
        const fit = fits ? await open(fitSplit, protocol.fitRows, watch.leaveOut) : null;
        shared.push(...watch.shared());
        for (const queries of [fit, chosen ? test : null]) {
          for (const model of ['weak', 'strong']) {
            const wanted = models.get(model)?.card.recorded?.name;
            const needed = queries !== null && (model === 'weak' || queries === test || definition.label === 'at-least-strong');
            if (wanted === undefined || !needed || queries.recorded.has(wanted)) continue;
            throw new HarnessError('RXB3108', { dataset: `${item.name}/${queries.split}`, model: wanted, known: [...queries.recorded].join(', ') || 'no model' }, { place: item.place });
          }
        }
        sets.push({
          name: item.name,
          role: item.role,
          group: own.group ?? null,
          definition,
          package: found.package,
          label: definition.label === 'correct' ? { kind: 'correct', threshold: definition.threshold ?? definition.scale[1] } : { kind: 'at-least-strong' },
          scorers,
          tested: chosen,
          test,
          fit,
        });
      });
    });
  }
  for (const open of waiting) await mistakes.try(open);
  refuseTrainedOnTests(routers, sets, models).forEach((mistake) => mistakes.add(mistake));
  warnOfJudges(project, models, sets.flatMap(({ scorers }) => scorers));
  try {
    mistakes.throw();
  } catch (error) {
    await Promise.all([...models.values()].map(({ model }) => model.close?.()));
    throw error;
  }
  const judged = routers.map((router): PlannedRouter => {
    const guest = guests.get(router.package);
    return guest === undefined || router.selfReported !== null ? router : { ...router, selfReported: `its package ${router.package} also brings ${guest}, which sees answers` };
  });
  return { project, models, sets, routers: judged, shared, between: () => questions.between(), listed: listed.map(({ name }) => name) };
}

/** Checks the options of a router: ours here, a stranger's in its own process. */
async function openRouter(found: RegistryEntry<'router'>, { options: given, place }: NamedEntry, tools: Project['tools']): Promise<OpenedRouter> {
  if (found.stranger !== null) return await found.stranger.of.open(found.mark.definition.name, given, tools.seed, place);
  const options = checkOptions(found, given, place);
  const make = (): RouterInstance => instantiate(found, options, tools);
  return { options, ...shapeOf(found.mark.definition, options, make()), make, standing: found.standing };
}

/** A classifier that was fine-tuned on rows of a test, or on an out-of-domain set at all, has seen what it would be tested on. */
const refuseTrainedOnTests = (routers: readonly PlannedRouter[], sets: readonly PlannedSet[], models: ReadonlyMap<string, PlannedModel>): readonly HarnessError[] =>
  routers.flatMap((router) =>
    router.needs.flatMap((request) =>
      (models.get(modelOf(request))?.card.trainedOn ?? []).flatMap(({ dataset, split, prompts }) => {
        const seen = ({ name, role, tested, test }: PlannedSet): boolean => tested && (test.promptsHash === prompts || (name === dataset && (role === 'out-of-domain' || test.split === split)));
        return sets.some(seen) ? [new HarnessError('RXB6308', { model: modelOf(request), router: router.name, dataset, split })] : [];
      }),
    ),
  );

import type { ResolvedConfig } from '../../core/config-schema.js';
import { checkOptions, instantiate } from '../../core/container.js';
import type { Dataset, DatasetRow } from '../../core/contracts.js';
import { HarnessError } from '../../core/errors.js';
import type { DatasetDefinition } from '../../core/definitions.js';
import { settled } from '../../core/plugin.js';
import { suggestion } from '../../core/util/closest.js';
import { PipelineError } from '../errors.js';
import { TestQuestions, type SharedQuestions } from '../hygiene.js';
import { openPerturbedSet, type PerturbedSet } from '../perturbed-set.js';
import { openQuerySet, type QuerySet } from '../query-set.js';
import { refuseSilent, type OpenedModels } from './models.js';
import { readNamedEntry, type NamedEntry } from './named-entry.js';
import type { PlannedRouter, PlannedSet } from './planned.js';
import type { Planning } from './planning.js';
import { planScorer, type PlannedScorer, type ScorerEntry } from './scorer.js';

type DatasetConfig = ResolvedConfig['datasets']['inDomain'][number];

/** The sets of a plan, and the questions that splits share. */
export interface OpenedSets {
  readonly sets: readonly PlannedSet[];
  readonly shared: readonly SharedQuestions[];
  readonly between: () => readonly SharedQuestions[];
}

/** A dataset as the config lists it. */
interface ListedSet extends NamedEntry {
  readonly entry: DatasetConfig;
  readonly role: 'in-domain' | 'out-of-domain';
}

/** A dataset whose plugin and scorers are made. */
interface OpenedSet {
  readonly listed: ListedSet;
  readonly settings: Exclude<DatasetConfig, string>;
  readonly package: string;
  readonly definition: DatasetDefinition;
  readonly source: Dataset;
  readonly scorers: readonly PlannedScorer[];
  /** Whether the run tests on it, and whether it fits on it. */
  readonly tested: boolean;
  readonly fits: boolean;
  readonly testSplit: string;
  readonly fitSplit: string;
}

/** A set whose test rows are known; its fit rows come later. */
interface TestedSet {
  readonly opened: OpenedSet;
  readonly test: QuerySet;
  readonly perturbed: PerturbedSet | null;
}

/** Opens the splits that are tested, then those that are fitted on, without what is in a test. */
export async function planSets(
  planning: Planning,
  models: OpenedModels,
  routers: readonly PlannedRouter[],
): Promise<OpenedSets> {
  const { project, selection, mistakes } = planning;
  const { protocol } = project.config;
  const readsFitRows =
    selection.fitRows === true ||
    protocol.transfer === 'all' ||
    routers.some((router) => router.fitted);
  const listed = listSets(planning);
  const planner = new SetPlanner(planning, models, readsFitRows, listed.length > 1);
  for (const set of listed) await mistakes.try(async () => await planner.openTest(set));
  return await planner.openFitSplits();
}

/**
 * The datasets of the config. Two datasets with the same name, and unknown names in the selection,
 * are mistakes.
 */
function listSets(planning: Planning): readonly ListedSet[] {
  const { project, selection, mistakes } = planning;
  const { inDomain, outOfDomain } = project.config.datasets;
  const list = (entry: DatasetConfig, role: ListedSet['role'], path: string): ListedSet => {
    const location = planning.getLocation(entry, path);
    return { entry, role, ...readNamedEntry(project.registry, 'dataset', entry, path, location) };
  };
  const listed = [
    ...inDomain.map((entry, i) => list(entry, 'in-domain', `datasets.inDomain[${i}]`)),
    ...outOfDomain.map((entry, i) => list(entry, 'out-of-domain', `datasets.outOfDomain[${i}]`)),
  ];
  planning.refuseTwice('dataset', listed);
  const names = listed.map(({ name }) => name);
  for (const name of selection.datasets ?? []) {
    if (names.includes(name)) continue;
    mistakes.add(
      new HarnessError(
        'unknownDataset',
        { name, suggestion: suggestion(name, names) },
        { location: `--datasets ${name}` },
      ),
    );
  }
  return listed;
}

/** Opens the sets of a plan: the test rows of all sets first, then the rows that are fitted on. */
class SetPlanner {
  readonly #questions: TestQuestions;
  /** Paraphrases of test rows by their text. */
  readonly #paraphrases = new Map<string, { readonly dataset: string; readonly id: string }>();
  readonly #tested: TestedSet[] = [];

  constructor(
    private readonly planning: Planning,
    private readonly models: OpenedModels,
    private readonly readsFitRows: boolean,
    private readonly severalSets: boolean,
  ) {
    this.#questions = new TestQuestions(planning.project.config.protocol.overlap);
  }

  /** Opens a set and its test rows. @throws HarnessError */
  async openTest(listed: ListedSet): Promise<void> {
    const { project, selection, mistakes } = this.planning;
    const { protocol, perturbations } = project.config;
    const tested = selection.datasets === undefined || selection.datasets.includes(listed.name);
    // which rows are not fitted on must not depend on what is tested in this call
    if (!tested && !this.readsFitRows) return;
    const opened = await this.#open(listed, tested);
    if (opened === undefined) return;
    const { testSplit, fitSplit, fits, source } = opened;
    const test = await mistakes.try(() => this.#openSplit(opened, testSplit, undefined));
    if (test === undefined) {
      // for mistakes of its own
      if (fits) await mistakes.try(() => this.#openSplit(opened, fitSplit, protocol.fitRows));
      return;
    }
    if (this.readsFitRows || this.severalSets) await this.#questions.add(test);
    if (!tested && !fits) return;
    const perturbed =
      tested && perturbations.on
        ? await openPerturbedSet(test, source, { ...perturbations, seed: protocol.seed })
        : null;
    for (const [text, id] of perturbed?.paraphrases ?? [])
      this.#paraphrases.set(text, { dataset: listed.name, id });
    this.#tested.push({ opened, test, perturbed });
  }

  /** Opens the rows that are fitted on, now that all test questions are known. */
  async openFitSplits(): Promise<OpenedSets> {
    const sets: PlannedSet[] = [];
    const shared: SharedQuestions[] = [];
    for (const testedSet of this.#tested)
      await this.planning.mistakes.try(async () => {
        const { opened } = testedSet;
        const { listed, fitSplit, fits } = opened;
        const watch = this.#questions.watch({ dataset: listed.name, split: fitSplit });
        const leaveOut = (row: DatasetRow): boolean => {
          this.#refuseParaphrase(opened, row);
          return watch.leaveOut(row);
        };
        const { fitRows } = this.planning.project.config.protocol;
        const fit = fits ? await this.#openSplit(opened, fitSplit, fitRows, leaveOut) : null;
        shared.push(...watch.shared());
        this.#refuseUnrecorded(testedSet, fit);
        sets.push(buildPlannedSet(testedSet, fit));
      });
    return { sets, shared, between: () => this.#questions.between() };
  }

  /** Makes the plugin and the scorers of a set; undefined where a scorer is a mistake. */
  async #open(listed: ListedSet, tested: boolean): Promise<OpenedSet | undefined> {
    const { planning } = this;
    const { project } = planning;
    const { entry, use, location, role, name } = listed;
    const settings: OpenedSet['settings'] = typeof entry === 'string' ? { use } : entry;
    const found = await planning.loadIntoProcess(
      project.registry.find('dataset', use, location),
      'dataset',
    );
    const options = checkOptions(found, listed.options, location);
    const definition = settled(found.mark.definition, options);
    const source: Dataset = instantiate(found, options, project.tools);
    const scorers = await this.#planScorers(listed, settings, definition);
    if (scorers === undefined) return undefined;
    // fitting always uses every in-domain set: a part of them would be another router
    const fits = role === 'in-domain' && this.readsFitRows;
    const { protocol } = project.config;
    const { fitSplit = protocol.fitSplit, testSplit = protocol.testSplit } = settings;
    if (fits && fitSplit === testSplit) {
      const problem = `its fit split and its test split are the same: "${fitSplit}"`;
      throw new PipelineError(
        'invalidDataset',
        { where: name, problem, dataset: name },
        { location },
      );
    }
    const { package: from } = found;
    return {
      listed,
      settings,
      package: from,
      definition,
      source,
      scorers,
      tested,
      fits,
      testSplit,
      fitSplit,
    };
  }

  /** The scorers of a set, each for what those before it could not grade. */
  async #planScorers(
    listed: ListedSet,
    settings: OpenedSet['settings'],
    definition: DatasetDefinition,
  ): Promise<readonly PlannedScorer[] | undefined> {
    const { project, mistakes } = this.planning;
    const scorers: PlannedScorer[] = [];
    for (const entry of [settings.scorer ?? definition.scorer].flat()) {
      const planned = await mistakes.try(
        async () => await this.#planScorer(entry, listed, definition),
      );
      if (planned === undefined) return undefined;
      // further scorers that a dataset names itself are for those who have configured their models
      const isOptional = settings.scorer === undefined && scorers.length > 0;
      if (isOptional && planned.models.some((model) => !(model in project.config.models))) continue;
      scorers.push(planned);
      for (const model of planned.models) this.#checkJudge(planned, model, listed.location);
    }
    return scorers;
  }

  async #planScorer(
    entry: ScorerEntry,
    { name, location }: ListedSet,
    { scale }: DatasetDefinition,
  ): Promise<PlannedScorer> {
    const { project } = this.planning;
    const use = typeof entry === 'string' ? entry : entry.use;
    const found = await this.planning.loadIntoProcess(
      project.registry.find('scorer', use, location),
      'scorer',
    );
    return await planScorer(project, found, entry, { name, scale }, location, this.planning.code);
  }

  /** A model that a scorer asks must be in the config, opened, and able to answer. */
  #checkJudge({ name }: PlannedScorer, model: string, location: string): void {
    const { planning, models } = this;
    const missing = models.unopened.get(model);
    if (missing !== undefined) throw missing;
    if (model in planning.project.config.models)
      refuseSilent(planning, models.models, model, location);
    else
      planning.mistakes.add(
        new PipelineError('missingModel', { router: `scorer "${name}"`, model }, { location }),
      );
  }

  async #openSplit(
    { listed, definition, source }: OpenedSet,
    split: string,
    count: number | undefined,
    leaveOut?: (row: DatasetRow) => boolean,
  ): Promise<QuerySet> {
    const { limit, protocol } = this.planning.project.config;
    const { name: dataset, location } = listed;
    if (!definition.splits.includes(split)) {
      throw new PipelineError(
        'unknownSplit',
        { dataset, split, splits: definition.splits.join(', ') },
        { location },
      );
    }
    return await openQuerySet(source, {
      dataset,
      split,
      limit,
      count,
      seed: protocol.seed,
      ...(leaveOut === undefined ? {} : { leaveOut }),
    });
  }

  #refuseParaphrase({ listed, fitSplit }: OpenedSet, { id, prompt }: DatasetRow): void {
    const paraphrase = this.#paraphrases.get(prompt);
    if (paraphrase === undefined) return;
    throw new PipelineError(
      'paraphraseInFitRows',
      { ...paraphrase, fit: `${listed.name}/${fitSplit}`, row: id },
      { location: listed.location },
    );
  }

  /** A model that is not asked must have recorded outcomes for all rows that are graded. */
  #refuseUnrecorded({ opened, test }: TestedSet, fit: QuerySet | null): void {
    const { listed, definition, tested } = opened;
    for (const queries of [fit, tested ? test : null]) {
      if (queries === null) continue;
      for (const model of ['weak', 'strong']) {
        const wanted = this.models.models.get(model)?.info.recorded?.name;
        const isNeeded =
          model === 'weak' || queries === test || definition.label === 'at-least-strong';
        if (wanted === undefined || !isNeeded || queries.recorded.has(wanted)) continue;
        throw new PipelineError(
          'noRecordedOutcomes',
          {
            dataset: `${listed.name}/${queries.split}`,
            model: wanted,
            known: [...queries.recorded].join(', ') || 'none',
          },
          { location: listed.location },
        );
      }
    }
  }
}

const buildPlannedSet = (
  { opened, test, perturbed }: TestedSet,
  fit: QuerySet | null,
): PlannedSet => {
  const { listed, settings, definition, scorers, tested } = opened;
  return {
    name: listed.name,
    role: listed.role,
    group: settings.group ?? null,
    definition,
    package: opened.package,
    label:
      definition.label === 'correct'
        ? { kind: 'correct', threshold: definition.threshold ?? definition.scale[1] }
        : { kind: 'at-least-strong' },
    scorers,
    tested,
    test,
    perturbed,
    fit,
  };
};

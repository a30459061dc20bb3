import type { ResolvedConfig } from '../../core/config-schema.js';
import { checkOptions, instantiate } from '../../core/container.js';
import type { Dataset, DatasetRow } from '../../core/contracts.js';
import { HarnessError } from '../../core/errors.js';
import { TestQuestions, type SharedQuestions } from '../hygiene.js';
import { readNamedEntry } from './named-entry.js';
import type { PlannedRouter, PlannedSet } from './planned.js';
import { settled } from '../../core/plugin.js';
import { openPerturbedSet } from '../perturbed-set.js';
import { openQuerySet, type QuerySet } from '../query-set.js';
import { suggestion } from '../../core/util/closest.js';
import { refuseSilent, type OpenedModels } from './models.js';
import type { Planning } from './planning.js';
import { planScorer, type PlannedScorer } from './scorer.js';
import { PipelineError } from '../errors.js';

type DatasetConfig = ResolvedConfig['datasets']['inDomain'][number];

/** The sets of a plan, and the questions that splits share. */
export interface OpenedSets {
  readonly sets: readonly PlannedSet[];
  readonly shared: readonly SharedQuestions[];
  readonly between: () => readonly SharedQuestions[];
}

/** Opens the splits that are tested, then those that are fitted on, without what is in a test. */
export async function planSets(
  planning: Planning,
  { models, unopened }: OpenedModels,
  routers: readonly PlannedRouter[],
): Promise<OpenedSets> {
  const { project, selection, mistakes } = planning;
  const { config, registry } = project;
  const { protocol, limit, perturbations } = config;
  const readsFitRows =
    selection.fitRows === true ||
    protocol.transfer === 'all' ||
    routers.some((router) => router.fitted);
  const entries = [
    ...config.datasets.inDomain.map((entry, i) => ({
      entry,
      role: 'in-domain' as const,
      path: `datasets.inDomain[${i}]`,
    })),
    ...config.datasets.outOfDomain.map((entry, i) => ({
      entry,
      role: 'out-of-domain' as const,
      path: `datasets.outOfDomain[${i}]`,
    })),
  ].map((item) => ({
    ...item,
    ...readNamedEntry(
      registry,
      'dataset',
      item.entry,
      item.path,
      planning.getLocation(item.entry, item.path),
    ),
  }));
  planning.refuseTwice('dataset', entries);
  const names = entries.map((entry) => entry.name);
  for (const name of selection.datasets ?? []) {
    if (!names.includes(name))
      mistakes.add(
        new HarnessError(
          'unknownDataset',
          { name, suggestion: suggestion(name, names) },
          { location: `--datasets ${name}` },
        ),
      );
  }
  const sets: PlannedSet[] = [];
  const questions = new TestQuestions(protocol.overlap);
  const shared: SharedQuestions[] = [];
  // by text
  const paraphrases = new Map<string, { readonly dataset: string; readonly id: string }>();
  // fit splits are opened when all test questions are known
  const waiting: (() => Promise<void>)[] = [];
  for (const item of entries) {
    const chosen = selection.datasets === undefined || selection.datasets.includes(item.name);
    // fitting always uses every in-domain set: a part of them would be another router
    const fits = item.role === 'in-domain' && readsFitRows;
    // whom fitting leaves out must not hang on what is tested now
    if (!chosen && !readsFitRows) continue;
    await mistakes.try(async () => {
      const settings: Exclude<DatasetConfig, string> =
        typeof item.entry === 'string' ? { use: item.use } : item.entry;
      const found = await planning.loadIntoProcess(
        registry.find('dataset', item.use, item.location),
        'dataset',
      );
      const options = checkOptions(found, item.options, item.location);
      const definition = settled(found.mark.definition, options);
      const source: Dataset = instantiate(found, options, project.tools);
      const scorers: PlannedScorer[] = [];
      for (const entry of [settings.scorer ?? definition.scorer].flat()) {
        const planned = await mistakes.try(
          async () =>
            await planScorer(
              project,
              await planning.loadIntoProcess(
                registry.find(
                  'scorer',
                  typeof entry === 'string' ? entry : entry.use,
                  item.location,
                ),
                'scorer',
              ),
              entry,
              { name: item.name, scale: definition.scale },
              item.location,
            ),
        );
        if (planned === undefined) return;
        // what a set itself names behind its first scorer is for those who have the models of it
        if (
          settings.scorer === undefined &&
          scorers.length > 0 &&
          planned.models.some((model) => !(model in config.models))
        )
          continue;
        scorers.push(planned);
        for (const model of planned.models) {
          if (unopened.has(model)) throw unopened.get(model);
          if (!(model in config.models))
            mistakes.add(
              new PipelineError(
                'missingModel',
                { router: `scorer "${planned.name}"`, model },
                { location: item.location },
              ),
            );
          else refuseSilent(planning, models, model, item.location);
        }
      }
      const open = async (
        split: string,
        count: number | undefined,
        leaveOut?: (row: DatasetRow) => boolean,
      ): Promise<QuerySet> => {
        if (!definition.splits.includes(split)) {
          throw new PipelineError(
            'unknownSplit',
            { dataset: item.name, split, splits: definition.splits.join(', ') },
            { location: item.location },
          );
        }
        return await openQuerySet(source, {
          dataset: item.name,
          split,
          limit,
          count,
          seed: protocol.seed,
          ...(leaveOut === undefined ? {} : { leaveOut }),
        });
      };
      const fitSplit = settings.fitSplit ?? protocol.fitSplit;
      const testSplit = settings.testSplit ?? protocol.testSplit;
      if (fits && fitSplit === testSplit) {
        throw new PipelineError(
          'invalidDataset',
          {
            where: item.name,
            problem: `its fit split and its test split are the same: "${fitSplit}"`,
            dataset: item.name,
          },
          { location: item.location },
        );
      }
      const test = await mistakes.try(() => open(testSplit, undefined));
      if (test === undefined) {
        // for its own mistakes
        if (fits) await mistakes.try(() => open(fitSplit, protocol.fitRows));
        return;
      }
      await questions.add(test);
      if (!chosen && !fits) return;
      const perturbed =
        chosen && perturbations.on
          ? await openPerturbedSet(test, source, { ...perturbations, seed: protocol.seed })
          : null;
      for (const [text, id] of perturbed?.paraphrases ?? [])
        paraphrases.set(text, { dataset: item.name, id });
      waiting.push(async () => {
        const watch = questions.watch({ dataset: item.name, split: fitSplit });
        const refuseParaphrase = ({ id, prompt }: DatasetRow): void => {
          const paraphrase = paraphrases.get(prompt);
          if (paraphrase !== undefined)
            throw new PipelineError(
              'paraphraseInFitRows',
              { ...paraphrase, fit: `${item.name}/${fitSplit}`, row: id },
              { location: item.location },
            );
        };
        const leaveOut = (row: DatasetRow): boolean => (refuseParaphrase(row), watch.leaveOut(row));
        const fit = fits ? await open(fitSplit, protocol.fitRows, leaveOut) : null;
        shared.push(...watch.shared());
        for (const queries of [fit, chosen ? test : null]) {
          for (const model of ['weak', 'strong']) {
            const wanted = models.get(model)?.info.recorded?.name;
            const needed =
              queries !== null &&
              (model === 'weak' || queries === test || definition.label === 'at-least-strong');
            if (wanted === undefined || !needed || queries.recorded.has(wanted)) continue;
            throw new PipelineError(
              'noRecordedOutcomes',
              {
                dataset: `${item.name}/${queries.split}`,
                model: wanted,
                known: [...queries.recorded].join(', ') || 'none',
              },
              { location: item.location },
            );
          }
        }
        sets.push({
          name: item.name,
          role: item.role,
          group: settings.group ?? null,
          definition,
          package: found.package,
          label:
            definition.label === 'correct'
              ? { kind: 'correct', threshold: definition.threshold ?? definition.scale[1] }
              : { kind: 'at-least-strong' },
          scorers,
          tested: chosen,
          test,
          perturbed,
          fit,
        });
      });
    });
  }
  for (const open of waiting) await mistakes.try(open);
  return { sets, shared, between: () => questions.between() };
}

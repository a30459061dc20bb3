/** The scorers of a plan: checks options and scales, and warns of models that judge themselves. */
import type { PluginCode } from '../code/plugin-code.js';
import type { ModelInfo, Scorer } from '../../core/contracts.js';
import { checkOptions, instantiate } from '../../core/container.js';
import type { Project } from '../project.js';
import type { RegistryEntry } from '../../core/registry.js';
import type { JsonObject } from '../../core/util/json.js';
import { PipelineError } from '../errors.js';

/** A scorer of the config, ready to grade. */
export interface PlannedScorer {
  readonly name: string;
  readonly version: number;
  readonly package: string;
  /** Hash of the code of a third-party scorer; null for a built-in one. */
  readonly code: string | null;
  readonly options: unknown;
  /** Names of the models that it asks. */
  readonly models: readonly string[];
  /** Further facts about it: prompts and their hashes. */
  readonly facts: JsonObject | null;
  readonly instance: Scorer;
}

/** A scorer as the config names it. */
export type ScorerEntry =
  string | { readonly use: string; readonly options?: Record<string, unknown> | undefined };

/**
 * Makes the scorer `found`, which is loaded, for a dataset. A scale that is not the dataset's is
 * RXB7002.
 */
export async function planScorer(
  project: Project,
  found: RegistryEntry<'scorer'>,
  entry: ScorerEntry,
  dataset: { readonly name: string; readonly scale: readonly [number, number] },
  location: string,
  code: PluginCode,
): Promise<PlannedScorer> {
  const options = checkOptions(found, typeof entry === 'string' ? {} : entry.options, location);
  const { definition } = found.mark;
  const [min, max] = definition.scale;
  const [wantedMin, wantedMax] = dataset.scale;
  if (definition.anyScale !== true && (min !== wantedMin || max !== wantedMax))
    throw new PipelineError(
      'scaleMismatch',
      { scorer: definition.name, min, max, dataset: dataset.name, wantedMin, wantedMax },
      { location },
    );
  const instance = instantiate(found, options, project.tools);
  return {
    name: definition.name,
    version: definition.version ?? 1,
    package: found.package,
    code: await code.hash(found),
    options,
    models: definition.models?.(options as never) ?? [],
    facts: (await instance.facts?.()) ?? null,
    instance,
  };
}

/** Warns where a model judges its own answers: that is allowed, but models favour their own. */
export function warnAboutJudges(
  project: Project,
  models: ReadonlyMap<string, { readonly info: ModelInfo }>,
  scorers: readonly PlannedScorer[],
): void {
  const warned = new Set<string>();
  for (const { name, models: judges } of scorers) {
    for (const judge of judges) {
      const fingerprint = models.get(judge)?.info.fingerprint;
      const judgedModel = ['strong', 'weak'].find(
        (modelName) =>
          modelName === judge ||
          (fingerprint !== undefined && models.get(modelName)?.info.fingerprint === fingerprint),
      );
      if (judgedModel === undefined || warned.has(`${name}/${judge}`)) continue;
      warned.add(`${name}/${judge}`);
      project.observer.warn(
        `scorer "${name}" asks "${judge}", which is the ${judgedModel} model: ` +
          'it judges its own answers, and models favour their own',
      );
    }
  }
}

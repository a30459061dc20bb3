/**
 * Some queries of a test set in other words: what a router is shown again, to see whether it
 * decides the same.
 */
import type { Dataset, DatasetRow } from '../core/contracts.js';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { withOtherBlanks, withOtherCase } from './protocol/perturb.js';
import { shuffled } from './protocol/select.js';
import { buildQuerySet, type QuerySet } from './query-set.js';
import { seededRandom, type Random } from '../core/util/random.js';
import type { PerturbationKind } from '../core/perturbation-kinds.js';
import { PipelineError } from './errors.js';

/** What to change, and how many queries of a set. */
export interface PerturbationSettings {
  readonly kinds: readonly PerturbationKind[];
  /** Queries drawn from each test set; fewer where it has fewer. */
  readonly rows: number;
  readonly seed: number;
}

/** A changed query, by the row of the test set that it comes from. */
interface Variant {
  readonly id: string;
  readonly kind: PerturbationKind;
  /** Id of the row in the test set. */
  readonly of: string;
}

/** The changed queries of a test set. */
export interface PerturbedSet {
  readonly queries: QuerySet;
  /** One a row of `queries`, in its order. */
  readonly variants: readonly Variant[];
  /** Paraphrase → id of its row: no router may be fitted on a paraphrase. */
  readonly paraphrases: ReadonlyMap<string, string>;
}

async function paraphrase(
  source: Dataset,
  row: DatasetRow,
  dataset: string,
  random: Random,
): Promise<string | null> {
  if (source.paraphrases === undefined) return null;
  let given: readonly string[];
  try {
    given = await source.paraphrases(row);
  } catch (cause) {
    throw cause instanceof HarnessError
      ? cause
      : new PipelineError(
          'invalidParaphrases',
          {
            dataset,
            id: row.id,
            problem: `the dataset failed to give them: ${getErrorMessage(cause)}`,
          },
          { cause },
        );
  }
  if (
    !Array.isArray(given) ||
    !given.every((text) => typeof text === 'string' && text.trim() !== '')
  )
    throw new PipelineError('invalidParaphrases', {
      dataset,
      id: row.id,
      problem: 'they are not a list of non-empty strings',
    });
  const others = given.filter((text) => text !== row.prompt);
  return others.length === 0 ? null : random.pick(others);
}

/**
 * Draws queries of a test set and changes each in every way that is asked for, one variant a way. A
 * variant keeps nothing of its row but what decides how a model reads it: no reference, no outcome.
 * Null where nothing can be changed. @throws PipelineError invalidParaphrases
 */
export async function openPerturbedSet(
  test: QuerySet,
  source: Dataset,
  { kinds, rows, seed }: PerturbationSettings,
): Promise<PerturbedSet | null> {
  const drawn = new Set(
    shuffled(
      Int32Array.from({ length: test.rows }, (_, i) => i),
      `${seed}/perturb`,
    ).subarray(0, rows),
  );
  const base: DatasetRow[] = [];
  let index = 0;
  for await (const block of test.blocks())
    for (const row of block.rows) if (drawn.has(index++)) base.push(row);

  const variants: Variant[] = [];
  const changed: DatasetRow[] = [];
  const paraphrases = new Map<string, string>();
  for (const kind of kinds) {
    for (const row of base) {
      const random = seededRandom(`${seed}/perturb/${kind}/${row.id}`);
      const text =
        kind === 'paraphrase'
          ? await paraphrase(source, row, test.dataset, random)
          : (kind === 'whitespace' ? withOtherBlanks : withOtherCase)(row.prompt, random);
      if (text === null) continue;
      if (kind === 'paraphrase') paraphrases.set(text, row.id);
      const id = `${row.id}~${kind}`;
      variants.push({ id, kind, of: row.id });
      changed.push({
        id,
        prompt: text,
        reference: [],
        domain: row.domain,
        ...(row.temperature === undefined ? {} : { temperature: row.temperature }),
      });
    }
  }
  return changed.length === 0
    ? null
    : {
        queries: buildQuerySet(test.dataset, `${test.split}-perturbed`, changed),
        variants,
        paraphrases,
      };
}

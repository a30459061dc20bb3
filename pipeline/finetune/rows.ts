/** Texts and labels of the in-domain training splits, as token ids for the script. */
import type { RunContext } from '../run-context.js';
import { fitRows, fitTexts } from '../stages/fit-data.js';
import { prepare } from '../stages/prepare.js';
import { getLabelKey } from '../stages/prepared.js';
import type { JsonObject } from '../../core/util/json.js';
import type { BaseFolder } from './base-folder.js';

/** One row as the script reads it; `text` stays in the harness. */
interface TokenRow {
  readonly part: 'train' | 'validation';
  readonly text: string;
  readonly ids: readonly number[];
  readonly label: 0 | 1;
}

/** The labelled rows that a classifier is fine-tuned on. */
export interface LabelledRows {
  readonly rows: readonly TokenRow[];
  /** Rows that have no grade, and so no label. */
  readonly dropped: number;
  /** The splits, with the hashes of their prompts. */
  readonly trainedOn: readonly {
    readonly dataset: string;
    readonly split: string;
    readonly prompts: string;
  }[];
  /** What texts and labels depend on. */
  readonly key: readonly JsonObject[];
}

/**
 * Answers and grades what is not graded yet, and splits the mixed rows into the parts that every
 * fitted router is fitted on.
 */
export async function labelledRows(context: RunContext, base: BaseFolder): Promise<LabelledRows> {
  const prepared = await prepare(context, ['answers', 'grades']);
  const fit = await fitRows(context, prepared);
  const texts = await fitTexts(fit);
  const rows = (['train', 'validation'] as const).flatMap((part) =>
    fit[part].map(({ set, row, label }): TokenRow => {
      const text = texts[set]?.[row] as string;
      return { part, text, ids: base.encode(text), label };
    }),
  );
  return {
    rows,
    dropped: fit.dropped,
    trainedOn: fit.sets.map(({ set, fit: { queries } }) => ({
      dataset: set.name,
      split: queries.split,
      prompts: queries.promptsHash,
    })),
    key: fit.sets.map(getLabelKey),
  };
}

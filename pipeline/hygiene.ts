/**
 * Which fit rows are test rows too, and which test sets share questions: counted, and fit rows
 * dropped.
 */
import type { DatasetRow } from '../core/contracts.js';
import {
  asStrict,
  computeFingerprint,
  OverlapCount,
  QuestionIndex,
  type Likeness,
  type Overlap,
} from './protocol/overlap.js';
import type { QuerySet } from './query-set.js';

/** What counts as the same question, and which fit rows are left out because of it. */
export interface OverlapRule {
  /** Share of three-word shingles from which two questions with the same numbers are nearly one. */
  readonly near: number;
  /** Fit rows that are this similar to a test row are left out; `none` leaves out nothing. */
  readonly drop: Likeness | 'none';
}

/** Questions of one split that are also in another. */
export interface SharedQuestions extends Overlap {
  /** `set/split` */
  readonly from: string;
  readonly in: string;
  /**
   * Rows of `in` that are word for word among those of `from`: more than `exact` where one occurs
   * twice there, fewer where it does here.
   */
  readonly exactIn: number;
  /** Rows of `from` that are left out because of it; null between test sets, where nothing is. */
  readonly dropped: number | null;
}

const getSplitName = ({
  dataset,
  split,
}: {
  readonly dataset: string;
  readonly split: string;
}): string => `${dataset}/${split}`;

/** The questions of a test set. */
interface IndexedSet {
  readonly split: string;
  readonly index: QuestionIndex;
}

/** The test questions of a run. */
export class TestQuestions {
  #sets: readonly IndexedSet[] = [];
  #between: readonly SharedQuestions[] | undefined;

  constructor(private readonly rule: OverlapRule) {}

  async add(set: QuerySet): Promise<void> {
    const index = new QuestionIndex(this.rule.near);
    for await (const { rows } of set.blocks())
      for (const { id, prompt } of rows) index.add(id, computeFingerprint(prompt));
    this.#sets = [...this.#sets, { split: getSplitName(set), index }];
  }

  /**
   * Looks for the rows of a fit split among all test questions. `leaveOut` is asked about each row,
   * in order: true where it must not be fitted on.
   */
  watch(fit: { readonly dataset: string; readonly split: string }): {
    readonly leaveOut: (row: DatasetRow) => boolean;
    readonly shared: () => readonly SharedQuestions[];
  } {
    const sets = this.#sets;
    const counts = sets.map(() => ({ count: new OverlapCount(), dropped: 0 }));
    const { drop } = this.rule;
    return {
      leaveOut: ({ id, prompt }) => {
        const fingerprint = computeFingerprint(prompt);
        let out = false;
        sets.forEach(({ index }, i) => {
          const found = index.find(fingerprint);
          const counted = counts[i];
          if (found === undefined || counted === undefined) return;
          counted.count.add(id, found);
          if (drop === 'none' || !asStrict(found.likeness, drop)) return;
          counted.dropped++;
          out = true;
        });
        return out;
      },
      shared: () =>
        sets.flatMap((set, i) => {
          const { count, dropped } = counts[i] ?? { count: new OverlapCount(), dropped: 0 };
          return isEmpty(count.overlap)
            ? []
            : [
                {
                  from: getSplitName(fit),
                  in: set.split,
                  ...count.overlap,
                  exactIn: countMatchedRows(set, count),
                  dropped,
                },
              ];
        }),
    };
  }

  /**
   * Questions that two test sets share, each pair once. The questions are forgotten after the first
   * call: they take more memory than anything else of a plan.
   */
  between(): readonly SharedQuestions[] {
    const sets = this.#sets;
    const counts = sets.map((from, i) => countShared(from, sets.slice(i + 1)));
    this.#between ??= sets.flatMap((to, i) =>
      sets.slice(0, i).flatMap((from, j): readonly SharedQuestions[] => {
        const count = counts[j]?.[i - j - 1];
        if (count === undefined || isEmpty(count.overlap)) return [];
        const exactIn = countMatchedRows(to, count);
        return [{ from: from.split, in: to.split, ...count.overlap, exactIn, dropped: null }];
      }),
    );
    this.#sets = [];
    return this.#between;
  }
}

/** Looks for the questions of a set in others. */
function countShared(
  { index }: IndexedSet,
  others: readonly IndexedSet[],
): readonly OverlapCount[] {
  const counts = others.map((other) => ({ other, count: new OverlapCount() }));
  for (let number = 0; number < index.size && counts.length > 0; number++) {
    const fingerprint = index.fingerprintOf(number);
    for (const { other, count } of counts) {
      const found = other.index.find(fingerprint);
      if (found !== undefined) count.add(index.idOf(number), found);
    }
  }
  return counts.map(({ count }) => count);
}

/** How many rows of a set a count found word for word; equal rows count as the first of them. */
function countMatchedRows({ index }: IndexedSet, { exactOthers }: OverlapCount): number {
  if (exactOthers.size === 0) return 0;
  let matched = 0;
  for (let number = 0; number < index.size; number++)
    if (exactOthers.has(index.firstIdOf(number))) matched++;
  return matched;
}

const isEmpty = ({ exact, normalised, near }: Overlap): boolean => exact + normalised + near === 0;

const describeDropped = (dropped: number | null): string => {
  if (dropped === null) return '';
  if (dropped === 0) return '; none is left out';
  return `; ${dropped} ${dropped === 1 ? 'is' : 'are'} left out of fitting`;
};

/** One line a pair of splits. */
export const sharedText = (shared: SharedQuestions): string => {
  const { from, in: to, exact, exactIn, normalised, near, examples } = shared;
  const all = exact + normalised + near;
  const rows = exactIn === exact ? '' : `, being ${exactIn} of its rows`;
  const example = `${examples[0]?.id ?? ''} = ${examples[0]?.other ?? ''}`;
  const kinds = `${exact} exactly${rows}, ${normalised} normalised, ${near} nearly`;
  return (
    `${from}: ${all} ${all === 1 ? 'question is' : 'questions are'} in ${to} too ` +
    `(${kinds}; such as ${example})${describeDropped(shared.dropped)}`
  );
};

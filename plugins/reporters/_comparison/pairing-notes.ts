import type { Difference, Pairing } from '../../../analysis/index.js';

const PAIRING: Readonly<Record<Pairing, string>> = {
  identical: 'the same confidences on the same rows',
  paired: 'paired by query',
  unpaired:
    'unpaired: the baseline has no rows, so the intervals are those of different queries and far wider than necessary',
};

/** How the differences are known: one sentence for each way that occurs. */
export const pairingNotes = (
  differences: readonly Pick<Difference, 'pairing'>[],
): readonly string[] =>
  (['identical', 'paired', 'unpaired'] as const).flatMap((pairing) => {
    const pairCount = differences.filter((difference) => difference.pairing === pairing).length;
    return pairCount === 0
      ? []
      : [`${pairCount} of ${differences.length} differences: ${PAIRING[pairing]}.`];
  });

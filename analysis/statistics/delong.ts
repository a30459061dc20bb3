/**
 * Closed-form variances and covariances of AUROCs on the same rows (DeLong, DeLong and
 * Clarke-Pearson, 1988; midranks as in Sun and Xu, 2014).
 */
import { ascending } from '../metrics/order.js';
import { mean } from '../metrics/mean.js';

/** AUROC of each list of confidences and the covariance matrix. */
export interface DeLong {
  readonly aurocs: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}

/** Midrank of each value, from 1. NaN (no confidence) ranks below all numbers. */
function midranks(values: Float64Array): Float64Array {
  const order = ascending(values);
  const ranks = new Float64Array(values.length);
  const same = (a: number, b: number): boolean => a === b || (Number.isNaN(a) && Number.isNaN(b));
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (
      to < order.length &&
      same(values[order[to] as number] as number, values[order[from] as number] as number)
    )
      to++;
    for (let position = from; position < to; position++)
      ranks[order[position] as number] = (from + 1 + to) / 2;
    from = to;
  }
  return ranks;
}

const computeCovariance = (a: Float64Array, b: Float64Array): number => {
  const [ma, mb] = [mean(a), mean(b)];
  return (
    a.reduce((sum, value, i) => sum + (value - ma) * ((b[i] as number) - mb), 0) / (a.length - 1)
  );
};

/** AUROCs and covariances by DeLong's method; null where a class has fewer than two rows. */
export function delong(label: Uint8Array, confidences: readonly Float64Array[]): DeLong | null {
  const rows = Array.from(label.keys());
  const [positives, negatives] = [
    rows.filter((row) => label[row] === 1),
    rows.filter((row) => label[row] !== 1),
  ];
  if (positives.length < 2 || negatives.length < 2) return null;
  const parts = confidences.map((confidence) => {
    const ranks = midranks(confidence);
    const within = (rowIndices: readonly number[]): Float64Array =>
      midranks(Float64Array.from(rowIndices, (row) => confidence[row] as number));
    const [positiveRanks, negativeRanks] = [within(positives), within(negatives)];
    return {
      positive: Float64Array.from(
        positives,
        (row, i) => ((ranks[row] as number) - (positiveRanks[i] as number)) / negatives.length,
      ),
      negative: Float64Array.from(
        negatives,
        (row, i) => 1 - ((ranks[row] as number) - (negativeRanks[i] as number)) / positives.length,
      ),
    };
  });
  return {
    aurocs: parts.map(
      ({ positive }) => positive.reduce((sum, value) => sum + value, 0) / positive.length,
    ),
    covariance: parts.map((a) =>
      parts.map(
        (b) =>
          computeCovariance(a.positive, b.positive) / positives.length +
          computeCovariance(a.negative, b.negative) / negatives.length,
      ),
    ),
  };
}

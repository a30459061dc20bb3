/**
 * Entropies over clusters of samples, in nats. Farquhar et al., "Detecting hallucinations in large
 * language models using semantic entropy", Nature 630 (2024).
 */

const computeEntropy = (shares: readonly number[]): number => {
  const total = shares.reduce((sum, share) => sum + share, 0);
  let entropy = 0;
  for (const share of shares) if (share > 0) entropy -= (share / total) * Math.log(share / total);
  return entropy;
};

const sums = (
  clusters: readonly number[],
  weight: (sample: number) => number,
): readonly number[] => {
  const out: number[] = [];
  clusters.forEach((cluster, sample) => (out[cluster] = (out[cluster] ?? 0) + weight(sample)));
  return out;
};

/** The discrete estimate: the probability of a cluster is its share of the samples. */
export const discreteEntropy = (clusters: readonly number[]): number =>
  computeEntropy(sums(clusters, () => 1));

/**
 * The likelihood-weighted estimate: the probability of a cluster is the sum over its samples, where
 * the likelihood of a sample is the exponential of its mean token log-probability
 * (length-normalised), and those of all samples are scaled to sum to 1.
 */
export function weightedEntropy(
  clusters: readonly number[],
  meanLogprobs: readonly number[],
): number {
  const most = Math.max(...meanLogprobs);
  return computeEntropy(sums(clusters, (sample) => Math.exp(meanLogprobs[sample]! - most)));
}

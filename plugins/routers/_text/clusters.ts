/**
 * Samples → clusters of one meaning: the index of the cluster of each sample, in order of first
 * appearance.
 */

/**
 * A sample joins the cluster whose first member is most similar to it, if that similarity is above
 * the threshold; otherwise it starts a new one.
 */
export function clusterBySimilarity(
  count: number,
  similarity: (sample: number, first: number) => number,
  threshold: number,
): readonly number[] {
  const firsts: number[] = [];
  return Array.from({ length: count }, (_, sample) => {
    let best = -1;
    let most = threshold;
    firsts.forEach((first, cluster) => {
      const similarityToFirst = similarity(sample, first);
      if (similarityToFirst > most) [best, most] = [cluster, similarityToFirst];
    });
    return best < 0 ? firsts.push(sample) - 1 : best;
  });
}

/**
 * A sample joins the first cluster whose first member means the same; null if that is unknown for a
 * pair that has to be compared.
 */
export function clusterByMeaning(
  count: number,
  same: (sample: number, first: number) => boolean | null,
): readonly number[] | null {
  const firsts: number[] = [];
  const clusters: number[] = [];
  for (let sample = 0; sample < count; sample++) {
    let assigned = -1;
    for (let cluster = 0; cluster < firsts.length && assigned < 0; cluster++) {
      const verdict = same(sample, firsts[cluster]!);
      if (verdict === null) return null;
      if (verdict) assigned = cluster;
    }
    clusters.push(assigned < 0 ? firsts.push(sample) - 1 : assigned);
  }
  return clusters;
}

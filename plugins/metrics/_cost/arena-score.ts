const BETA = 0.1;
const DEAREST = 200;
const CHEAPEST = 0.0044;

/**
 * RouterArena's score, 0 to 100: (1+β)·A·C / (β·A + C), β = 0.1; A = accuracy, C = 1 at $0.0044 per
 * 1,000 queries and 0 at $200, on a log scale.
 * Source: RouterArena (RouteWorks), its published definition.
 */
export function arenaScore(accuracy: number, dollarsPer1000: number): number {
  const cost = Math.min(DEAREST, Math.max(CHEAPEST, dollarsPer1000));
  const saved = (Math.log2(DEAREST) - Math.log2(cost)) / (Math.log2(DEAREST) - Math.log2(CHEAPEST));
  const below = BETA * accuracy + saved;
  return below === 0 ? 0 : (100 * (1 + BETA) * accuracy * saved) / below;
}

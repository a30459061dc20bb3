/**
 * Holm's adjusted p values (Holm, 1979), in the order given: all those at most alpha are rejected
 * with a family-wise error of at most alpha.
 */
export function holm(p: readonly number[]): readonly number[] {
  const order = p.map((_, i) => i).sort((a, b) => (p[a] as number) - (p[b] as number));
  const adjusted = new Array<number>(p.length);
  let highest = 0;
  order.forEach((i, rank) => {
    highest = Math.max(highest, Math.min(1, (p.length - rank) * (p[i] as number)));
    adjusted[i] = highest;
  });
  return adjusted;
}

import type { MetricCurve } from '../../../core/index.js';
import { addedCost, weakCost } from '../../../analysis/index.js';

/** How much rounding may take from a score that is as good as the strong model's. */
const ROUNDING = 1e-12;

/** The least that escalating adds where whole calls score no less than the strong model alone. */
function leastAdded(curve: MetricCurve, added: Float64Array): number {
  const rising = curve.least(addedCost) >= 0;
  const { groups, count, gained, rows } = curve;
  const target = (gained[groups] as number) - ROUNDING * rows;
  let least = added[groups] as number; // always-strong has its own quality, whatever rounding says
  let g = 0;
  if (target <= 0) least = Math.min(least, 0);
  else while (g < groups && (gained[g + 1] as number) < target) g++;
  for (; g < groups; g++) {
    const before = gained[g] as number;
    const after = gained[g + 1] as number;
    if (before < target && after < target) continue;
    const size = (count[g + 1] as number) - (count[g] as number);
    const low = added[g] as number;
    const high = added[g + 1] as number;
    // inside a group both are straight lines, so the least lies at one end of the calls that are
    // good enough
    if (before < target) {
      const calls = Math.ceil(((target - before) / (after - before)) * size - 1e-9);
      least = Math.min(least, high, low + ((high - low) * calls) / size);
    } else if (after < target) {
      const calls = Math.floor(((before - target) / (before - after)) * size + 1e-9);
      least = Math.min(least, low + ((high - low) * calls) / size);
    } else least = Math.min(least, high);
    if (rising && least < (added[groups] as number)) break; // nothing after this costs less
  }
  return least;
}

const computeCost = (curve: MetricCurve): number =>
  curve.total(weakCost) + leastAdded(curve, curve.sums(addedCost));

/** The least summed cost at which a router's curve scores no less than the strong model alone. */
export const costAtEqualQuality = (curve: MetricCurve): number => curve.once(computeCost);

import type { MetricCurve } from '../../../core/index.js';

function areaTo(curve: MetricCurve, k: number): number {
  if (k <= 0) return 0;
  const { count, gained, area } = curve;
  const g = curve.findGroup(k);
  const start = count[g] as number;
  const low = gained[g] as number;
  const width = k - start;
  const high =
    low + (((gained[g + 1] as number) - low) * width) / ((count[g + 1] as number) - start);
  return (area[g] as number) + (width * (low + high)) / 2;
}

/** Mean of A over an interval of call rates, on the exact curve: linear between whole calls. */
export function meanOver(curve: MetricCurve, from: number, to: number): number {
  const { rows, weakMean } = curve;
  const area = areaTo(curve, to * rows) - areaTo(curve, from * rows);
  return weakMean + area / (rows * rows * (to - from));
}

import type { MetricCurve } from '../../../core/index.js';

/** ∫ of the gain over the number of escalated rows, up to each group. */
function computeAreas(
  { count, gained, groups }: MetricCurve,
  before: Float64Array | undefined,
): Float64Array {
  const areas =
    before !== undefined && before.length > groups ? before : new Float64Array(count.length);
  let doubled = 0;
  for (let g = 0; g < groups; g++) {
    const times = (count[g + 1] as number) - (count[g] as number);
    doubled += times * ((gained[g] as number) + (gained[g + 1] as number));
    areas[g + 1] = doubled / 2;
  }
  return areas;
}

function areaTo(curve: MetricCurve, areas: Float64Array, k: number): number {
  if (k <= 0) return 0;
  const { count, gained } = curve;
  const g = curve.findGroup(k);
  const start = count[g] as number;
  const low = gained[g] as number;
  const width = k - start;
  const high =
    low + (((gained[g + 1] as number) - low) * width) / ((count[g + 1] as number) - start);
  return (areas[g] as number) + (width * (low + high)) / 2;
}

/** Mean of A over an interval of call rates, on the exact curve: linear between whole calls. */
export function meanOver(curve: MetricCurve, from: number, to: number): number {
  const { rows, weakMean } = curve;
  const areas = curve.once(computeAreas);
  const area = areaTo(curve, areas, to * rows) - areaTo(curve, areas, from * rows);
  return weakMean + area / (rows * rows * (to - from));
}

/** Mean over all call rates of A above the weak model's mean score. */
export function meanGain(curve: MetricCurve): number {
  const areas = curve.once(computeAreas);
  return (areas[curve.groups] as number) / (curve.rows * curve.rows);
}

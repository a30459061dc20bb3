import { seededRandom } from '../../core/index.js';
import type { SharedRows } from '../../analysis/statistics/shared-rows.js';

/** Rows with a performance gap, and routers with the given `signals`. */
export function simulated(
  seed: number | string,
  n: number,
  signals: readonly number[],
): { readonly shared: SharedRows; readonly confidences: readonly Float64Array[] } {
  const random = seededRandom(seed);
  const label = Uint8Array.from({ length: n }, () => (random.float() < 0.6 ? 1 : 0));
  const shared: SharedRows = {
    n,
    weak: Float64Array.from(label),
    strong: Float64Array.from(label, () => (random.float() < 0.9 ? 1 : 0)),
    label,
    cluster: Uint32Array.from(label, (_, i) => i),
    clusters: n,
  };
  return {
    shared,
    confidences: signals.map((signal) =>
      Float64Array.from(label, (y) => signal * y + random.normal()),
    ),
  };
}

import type { LocalModel } from './newton.js';

/**
 * `logistic`: ln(1 + e^−m). `squared-hinge`: max(0, 1 − m)². m = ±(w·x + b) is the margin of a row,
 * signed by its label.
 */
export type LinearLoss = 'logistic' | 'squared-hinge';

/** Rows of features, Float32Array[rows · dim] (z-scored), and their labels, 0 or 1. */
export interface LinearData {
  readonly rows: number;
  readonly dim: number;
  readonly values: Float32Array;
  readonly labels: ArrayLike<number>;
}

/** Loss, first and second derivative as functions of the margin. */
const DERIVATIVES: Readonly<
  Record<LinearLoss, (margin: number) => readonly [number, number, number]>
> = {
  logistic: (m) => {
    const e = Math.exp(-Math.abs(m));
    const wrong = m > 0 ? e / (1 + e) : 1 / (1 + e);
    return [Math.log1p(e) + Math.max(0, -m), -wrong, wrong * (1 - wrong)];
  },
  'squared-hinge': (m) => (m < 1 ? [(1 - m) ** 2, -2 * (1 - m), 2] : [0, 0, 0]),
};

/**
 * ½‖w‖² + c · Σ loss(margin) as a function of the parameters [w₁ … w_dim, b], as in scikit-learn
 * and LIBLINEAR. `penaliseBias` adds ½b², as LIBLINEAR does: it treats b as the weight of a feature
 * that is always 1.
 */
export function linearObjective(
  data: LinearData,
  loss: LinearLoss,
  c: number,
  penaliseBias: boolean,
): (point: Float64Array) => LocalModel {
  const { rows, dim, values, labels } = data;
  const penalised = penaliseBias ? dim + 1 : dim;
  const times = (point: Float64Array): Float64Array => {
    const out = new Float64Array(rows);
    for (let r = 0; r < rows; r++) {
      let sum = point[dim]!;
      const from = r * dim;
      for (let i = 0; i < dim; i++) sum += values[from + i]! * point[i]!;
      out[r] = sum;
    }
    return out;
  };
  /** Adds Σ weight · [x, 1] to the gradient of the penalty and returns the sum. */
  const gathered = (weights: Float64Array, point: Float64Array): Float64Array => {
    const out = point.map((value, i) => (i < penalised ? value : 0));
    for (let r = 0; r < rows; r++) {
      const weight = weights[r]!;
      if (weight === 0) continue;
      const from = r * dim;
      for (let i = 0; i < dim; i++) out[i] = out[i]! + weight * values[from + i]!;
      out[dim] = out[dim]! + weight;
    }
    return out;
  };

  return (point) => {
    const scores = times(point);
    const slopes = new Float64Array(rows);
    const curvatures = new Float64Array(rows);
    let value = 0;
    for (let i = 0; i < penalised; i++) value += point[i]! ** 2 / 2;
    for (let r = 0; r < rows; r++) {
      const sign = labels[r] === 1 ? 1 : -1;
      const [rowLoss, slope, curvature] = DERIVATIVES[loss](sign * scores[r]!);
      value += c * rowLoss;
      slopes[r] = c * sign * slope;
      curvatures[r] = c * curvature;
    }
    return {
      value,
      gradient: gathered(slopes, point),
      hessianTimes: (direction) =>
        gathered(
          times(direction).map((product, r) => product * curvatures[r]!),
          direction,
        ),
    };
  };
}

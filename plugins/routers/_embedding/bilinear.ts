/**
 * RouteLLM's bilinear score of a model m on a query x (Ong et al., 2024): δ(m, x) = w₂ᵀ(v_m ⊙ (W₁ᵀx
 * + b)), for one pair of models. The difference δ(weak, x) − δ(strong, x) is linear in x, which
 * makes the forward and the backward pass cheap.
 */
import type { Random } from '../../../core/index.js';
import { crossEntropy, crossEntropySlope } from '../_fit/trainable.js';

/**
 * The parameters: `weak`, `strong`, `bias`, `out` (w₂) are [rank]; `project` (W₁ᵀ) is [rank · dim].
 */
export interface Bilinear {
  readonly weak: Float64Array;
  readonly strong: Float64Array;
  readonly project: Float64Array;
  readonly bias: Float64Array;
  readonly out: Float64Array;
}

/** The names of the parameters. */
export const BILINEAR = [
  'weak',
  'strong',
  'project',
  'bias',
  'out',
] as const satisfies readonly (keyof Bilinear)[];

/**
 * Initial parameters: model vectors of about unit length, the others uniform in ±1/√input like
 * PyTorch's linear layers.
 */
export function newBilinear(rank: number, dim: number, random: Random): Bilinear {
  const uniform = (count: number, input: number): Float64Array =>
    Float64Array.from({ length: count }, () => (2 * random.float() - 1) / Math.sqrt(input));
  const normal = (): Float64Array =>
    Float64Array.from({ length: rank }, () => random.normal() / Math.sqrt(rank));
  return {
    weak: normal(),
    strong: normal(),
    project: uniform(rank * dim, dim),
    bias: uniform(rank, dim),
    out: uniform(rank, rank),
  };
}

/** The difference as a linear function of the query: `weight` [dim] and `bias`. */
export interface Collapsed {
  readonly weight: Float64Array;
  readonly bias: number;
}

const pairGap = ({ weak, strong, out }: Bilinear): Float64Array =>
  out.map((w, k) => w * (weak[k]! - strong[k]!));

/** Reduces the parameters to one weight per dimension: Σ_k w₂ₖ(weakₖ − strongₖ) · (W₁ᵀ)ₖ. */
export function collapse(parameters: Bilinear): Collapsed {
  const { project, bias } = parameters;
  const gap = pairGap(parameters);
  const dim = project.length / gap.length;
  const weight = new Float64Array(dim);
  let constant = 0;
  gap.forEach((g, k) => {
    constant += g * bias[k]!;
    for (let i = 0; i < dim; i++) weight[i] = weight[i]! + g * project[k * dim + i]!;
  });
  return { weight, bias: constant };
}

/** δ(weak, x) − δ(strong, x) for `x` = values[from … from + dim). */
export function difference(
  { weight, bias }: Collapsed,
  values: ArrayLike<number>,
  from = 0,
): number {
  let sum = bias;
  for (let i = 0; i < weight.length; i++) sum += weight[i]! * values[from + i]!;
  return sum;
}

/**
 * Mean cross-entropy of some rows, and its gradient. Row r is `values[r · stride … + dim)`, its
 * label `labels[r]`.
 */
export function lossAndGradient(
  parameters: Bilinear,
  values: ArrayLike<number>,
  labels: ArrayLike<number>,
  rows: ArrayLike<number>,
  stride: number,
): { readonly loss: number; readonly gradient: Bilinear } {
  const { weak, strong, project, bias, out } = parameters;
  const rank = out.length;
  const dim = project.length / rank;
  const linear = collapse(parameters);
  const sum = new Float64Array(dim); // Σ g·x, with g the slope of a row's loss
  let slopes = 0;
  let loss = 0;
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r]!;
    const logit = difference(linear, values, row * stride);
    const label = labels[row]!;
    loss += crossEntropy(logit, label) / rows.length;
    const slope = crossEntropySlope(logit, label) / rows.length;
    slopes += slope;
    for (let i = 0; i < dim; i++) sum[i] = sum[i]! + slope * values[row * stride + i]!;
  }
  const gap = pairGap(parameters);
  const projected = new Float64Array(rank);
  const ofProject = new Float64Array(rank * dim);
  for (let k = 0; k < rank; k++) {
    const component = gap[k]!;
    let total = slopes * bias[k]!;
    for (let i = 0, offset = k * dim; i < dim; i++, offset++) {
      total += project[offset]! * sum[i]!;
      ofProject[offset] = component * sum[i]!;
    }
    projected[k] = total;
  }
  const ofWeak = projected.map((p, k) => p * out[k]!);
  return {
    loss,
    gradient: {
      weak: ofWeak,
      strong: ofWeak.map((g) => -g),
      project: ofProject,
      bias: gap.map((g) => g * slopes),
      out: projected.map((p, k) => p * (weak[k]! - strong[k]!)),
    },
  };
}

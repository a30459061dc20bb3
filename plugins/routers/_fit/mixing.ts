/** How a probe weighs the layers: one set of weights for all queries, sampled or not, or weights that follow from the query. */
import type { Random } from '../../../core/index.js';
import { dirichletGradient, sampleDirichlet } from './dirichlet.js';

/** Parameters by name, each as one row that may be padded; only training looks at the gradient. */
export interface MixingParameters {
  readonly row: (name: string) => Float32Array;
  readonly gradientRow: (name: string) => Float32Array;
}

/** Weights of the layers for one query, and how a loss's slope with respect to them goes back to the parameters. */
export interface Mixed {
  /** Weights of the layers: they add up to 1. */
  readonly weights: Float64Array;
  /** Σβ of the Dirichlet distribution that the weights come from; null where they come from none. */
  readonly concentration: number | null;
  /** Adds to the gradient of the parameters; returns the slope with respect to the query's own layer scores, where it has any. */
  readonly back: (slope: Float64Array) => Float64Array | null;
}

/** A way to weigh the layers. */
export interface Mixing {
  /** Its parameters beside the classifier, by name. */
  readonly shapes: (layers: number, dim: number) => Readonly<Record<string, readonly number[]>>;
  /** Values to start from; what is not named starts at 0. */
  readonly start: (layers: number) => Readonly<Record<string, ArrayLike<number>>>;
  /** Whether each query has scores of its own: gate · h_l. */
  readonly gated: boolean;
  /** In training `random` is given; null = as in scoring. */
  readonly mix: (parameters: MixingParameters, layers: number, scores: Float64Array, random: Random | null) => Mixed;
}

/** exp(z) over its sum. */
export function softmax(z: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(z);
  const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const parts = values.map((value) => Math.exp(value - top));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

/** ln(1 + e^x), and never 0: a concentration must be above it. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) + 1e-6;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, value, i) => sum + value * (b[i] as number), 0);

const addTo = (gradient: Float32Array, values: ArrayLike<number>): void => {
  for (let i = 0; i < values.length; i++) gradient[i] = (gradient[i] as number) + (values[i] as number);
};

const throughSoftmax = (weights: Float64Array, slope: Float64Array): Float64Array => {
  const mean = dot(weights, slope);
  return weights.map((weight, i) => weight * ((slope[i] as number) - mean));
};

/** α = softmax(w), the same for every query. */
export const softmaxMixing: Mixing = {
  shapes: (layers) => ({ 'layers.logits': [layers] }),
  start: () => ({}),
  gated: false,
  mix: (parameters, layers) => {
    const weights = softmax(parameters.row('layers.logits').subarray(0, layers));
    return {
      weights,
      concentration: null,
      back: (slope) => {
        addTo(parameters.gradientRow('layers.logits'), throughSoftmax(weights, slope));
        return null;
      },
    };
  },
};

/** ln Σβ at the start. */
const START = 1;

/** β = exp(b₀) · softmax(a), the same for every query; α ~ Dir(β) anew for every row of training, E[α] = softmax(a) in scoring. */
export const dirichletMixing: Mixing = {
  shapes: (layers) => ({ 'layers.logits': [layers], 'layers.logConcentration': [1] }),
  start: () => ({ 'layers.logConcentration': [START] }),
  gated: false,
  mix: (parameters, layers, _scores, random) => {
    const mean = softmax(parameters.row('layers.logits').subarray(0, layers));
    const total = Math.exp(parameters.row('layers.logConcentration')[0] as number);
    if (random === null) return { weights: mean, concentration: total, back: () => null };
    const concentrations = mean.map((share) => total * share);
    const weights = sampleDirichlet(concentrations, random);
    return {
      weights,
      concentration: total,
      back: (slope) => {
        const back = dirichletGradient(concentrations, weights, slope);
        addTo(parameters.gradientRow('layers.logits'), throughSoftmax(mean, back.map((one) => one * total)));
        addTo(parameters.gradientRow('layers.logConcentration'), [dot(back, concentrations)]);
        return null;
      },
    };
  },
};

/** β_l(x) = softplus(u · h_l + c_l): the query's own concentrations; α ~ Dir(β(x)) in training, E[α] = β(x) / Σβ(x) in scoring. */
export const inputDirichletMixing: Mixing = {
  shapes: (layers, dim) => ({ 'gate.weight': [dim], 'gate.bias': [layers] }),
  start: (layers) => ({ 'gate.bias': Array.from({ length: layers }, () => Math.log(Math.expm1(Math.exp(START) / layers))) }),
  gated: true,
  mix: (parameters, _layers, scores, random) => {
    const bias = parameters.row('gate.bias');
    const inner = scores.map((score, l) => score + (bias[l] as number));
    const concentrations = inner.map(softplus);
    const total = concentrations.reduce((a, b) => a + b, 0);
    const mean = concentrations.map((beta) => beta / total);
    const weights = random === null ? mean : sampleDirichlet(concentrations, random);
    return {
      weights,
      concentration: total,
      back: (slope) => {
        const back = dirichletGradient(concentrations, weights, slope).map((one, l) => one / (1 + Math.exp(-(inner[l] as number))));
        addTo(parameters.gradientRow('gate.bias'), back);
        return back;
      },
    };
  },
};

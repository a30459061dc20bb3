/**
 * How a probe weights the layers: one set of weights for all queries, sampled or not, or weights
 * computed from the query.
 */
import type { Random } from '../../../core/index.js';
import { dirichletGradient, sampleDirichlet } from './dirichlet.js';
import { dot } from './dot.js';

/** Parameters by name, each as one row that may be padded; only training uses the gradient. */
export interface MixingParameters {
  readonly row: (name: string) => Float32Array;
  readonly gradientRow: (name: string) => Float32Array;
}

/** Layer weights for one query. */
interface Mixed {
  /** Layer weights; they sum to 1. */
  readonly weights: Float64Array;
  /** Σβ of the Dirichlet distribution that the weights come from; null if there is none. */
  readonly concentration: number | null;
}

/**
 * Computes layer weights for one query after another while the parameters stay fixed; what all
 * queries share is computed once.
 */
export interface Mixer {
  /**
   * In training, `random` is given; null = as in scoring. `scores` are the scores of the query,
   * gate · h_l.
   */
  readonly mix: (scores: Float64Array, random: Random | null) => Mixed;
  /**
   * Takes the derivative of a loss with respect to the last weights; returns the derivative with
   * respect to the scores of the query, if it has any.
   */
  readonly back: (slope: Float64Array) => Float64Array | null;
  /** Adds the accumulated derivatives to the gradient of the parameters. */
  readonly finish: () => void;
}

/** The ways to weight the layers, by name. */
export type MixingName = 'softmax' | 'dirichlet' | 'dirichlet-input';

/** A way to weight the layers. */
export interface Mixing {
  readonly name: MixingName;
  /** Its parameters in addition to the classifier, by name. */
  readonly shapes: (layers: number, dim: number) => Readonly<Record<string, readonly number[]>>;
  /** Initial values; parameters that are not named start at 0. */
  readonly start: (layers: number) => Readonly<Record<string, ArrayLike<number>>>;
  /** Whether each query has its own scores: gate · h_l. */
  readonly gated: boolean;
  readonly mixer: (parameters: MixingParameters, layers: number) => Mixer;
}

/**
 * exp(z) / Σ exp(z).
 * @internal Exported for its tests.
 */
export function softmax(z: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(z);
  const top = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const parts = values.map((value) => Math.exp(value - top));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

/**
 * ln(1 + e^x), and never 0, because a concentration must be positive.
 * @internal Exported for its tests.
 */
export const softplus = (x: number): number =>
  Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) + 1e-6;

function addTo(sums: Float32Array | Float64Array, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) sums[i] = sums[i]! + values[i]!;
}

const throughSoftmax = (weights: Float64Array, slope: Float64Array): Float64Array => {
  const mean = dot(weights, slope);
  return weights.map((weight, i) => weight * (slope[i]! - mean));
};

/** α = softmax(w), the same for every query. */
export const softmaxMixing: Mixing = {
  name: 'softmax',
  shapes: (layers) => ({ 'layers.logits': [layers] }),
  start: () => ({}),
  gated: false,
  mixer: (parameters, layers) => {
    const weights = softmax(parameters.row('layers.logits').subarray(0, layers));
    const mixed: Mixed = { weights, concentration: null };
    const slopes = new Float64Array(layers);
    return {
      mix: () => mixed,
      back: (slope) => {
        addTo(slopes, slope);
        return null;
      },
      finish: () => addTo(parameters.gradientRow('layers.logits'), throughSoftmax(weights, slopes)),
    };
  },
};

/** Initial value of ln Σβ. */
const START = 1;

/**
 * β = exp(b₀) · softmax(a), the same for every query; α ~ Dir(β) is drawn for every training row,
 * E[α] = softmax(a) in scoring.
 */
export const dirichletMixing: Mixing = {
  name: 'dirichlet',
  shapes: (layers) => ({ 'layers.logits': [layers], 'layers.logConcentration': [1] }),
  start: () => ({ 'layers.logConcentration': [START] }),
  gated: false,
  mixer: (parameters, layers) => {
    const mean = softmax(parameters.row('layers.logits').subarray(0, layers));
    const total = Math.exp(parameters.row('layers.logConcentration')[0]!);
    const concentrations = mean.map((share) => total * share);
    const slopes = new Float64Array(layers);
    let weights: Float64Array = mean;
    return {
      mix: (_scores, random) => {
        weights = random === null ? mean : sampleDirichlet(concentrations, random);
        return { weights, concentration: total };
      },
      back: (slope) => {
        addTo(slopes, dirichletGradient(concentrations, weights, slope));
        return null;
      },
      finish: () => {
        addTo(
          parameters.gradientRow('layers.logits'),
          throughSoftmax(
            mean,
            slopes.map((slope) => slope * total),
          ),
        );
        addTo(
          parameters.gradientRow('layers.logConcentration'),
          Float64Array.of(dot(slopes, concentrations)),
        );
      },
    };
  },
};

/**
 * β_l(x) = softplus(u · h_l + c_l): concentrations that depend on the query; α ~ Dir(β(x)) in
 * training, E[α] = β(x) / Σβ(x) in scoring.
 */
export const inputDirichletMixing: Mixing = {
  name: 'dirichlet-input',
  shapes: (layers, dim) => ({ 'gate.weight': [dim], 'gate.bias': [layers] }),
  start: (layers) => ({
    'gate.bias': Array.from({ length: layers }, () =>
      Math.log(Math.expm1(Math.exp(START) / layers)),
    ),
  }),
  gated: true,
  mixer: (parameters, layers) => {
    const bias = parameters.row('gate.bias');
    const slopes = new Float64Array(layers);
    let inner: Float64Array = slopes;
    let concentrations: Float64Array = slopes;
    let weights: Float64Array = slopes;
    return {
      mix: (scores, random) => {
        inner = scores.map((score, l) => score + bias[l]!);
        concentrations = inner.map(softplus);
        const total = concentrations.reduce((a, b) => a + b, 0);
        weights =
          random === null
            ? concentrations.map((beta) => beta / total)
            : sampleDirichlet(concentrations, random);
        return { weights, concentration: total };
      },
      back: (slope) => {
        const weightGradient = dirichletGradient(concentrations, weights, slope).map(
          (one, l) => one / (1 + Math.exp(-inner[l]!)),
        );
        addTo(slopes, weightGradient);
        return weightGradient;
      },
      finish: () => addTo(parameters.gradientRow('gate.bias'), slopes),
    };
  },
};

/** All mixings by name. */
export const MIXINGS: Readonly<Record<MixingName, Mixing>> = {
  softmax: softmaxMixing,
  dirichlet: dirichletMixing,
  'dirichlet-input': inputDirichletMixing,
};

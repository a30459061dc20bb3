import type { Random } from '../../../core/index.js';

/** A chosen token and its natural-log probability under the untempered distribution. */
export interface Pick {
  readonly token: number;
  readonly logprob: number;
}

/** How tokens are drawn. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
}

/** Terms this far below the largest logit do not change any digit that is kept. */
const NEGLIGIBLE = -40;

/**
 * log Σ exp(logits), numerically stable. NaN or infinite if a logit is.
 * @internal Exported for its tests.
 */
export function logSumExp(logits: Float32Array): number {
  const max = largest(logits);
  let sum = 0;
  for (let i = 0; i < logits.length; i++) {
    const d = logits[i]! - max;
    if (!(d < NEGLIGIBLE)) sum += Math.exp(d);
  }
  return max + Math.log(sum);
}

function largest(logits: Float32Array): number {
  let max = -Infinity;
  for (let i = 0; i < logits.length; i++) {
    const z = logits[i]!;
    if (!(z <= max)) max = z; // also true for NaN, so NaN is not lost
  }
  return max;
}

/** The likeliest token; the first one in case of ties. */
export function pickGreedy(logits: Float32Array): Pick {
  let token = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[token]!) token = i;
  return pickForced(logits, token);
}

/** A given token. */
export function pickForced(logits: Float32Array, token: number): Pick {
  return { token, logprob: logits[token]! - logSumExp(logits) };
}

/**
 * Memory for the weights of the tokens of one draw; reused between draws because a vocabulary is
 * long.
 */
let scratch = new Float64Array(0);

/**
 * A token drawn from softmax(logits / temperature), restricted to the smallest set of likeliest
 * tokens that holds `topP` of the probability (tokens as likely as the last one of the set belong
 * to it). Takes one number from `random`.
 */
export function pickSampled(
  logits: Float32Array,
  { temperature, topP }: Sampling,
  random: Random,
): Pick {
  const max = largest(logits);
  if (scratch.length !== logits.length) scratch = new Float64Array(logits.length);
  const weights = scratch;
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const d = (logits[i]! - max) / temperature;
    const weight = d < NEGLIGIBLE ? 0 : Math.exp(d);
    weights[i] = weight;
    total += weight;
  }
  if (topP < 1) {
    const least = nucleusEdge(weights, topP * total);
    total = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! < least) weights[i] = 0;
      total += weights[i]!;
    }
  }
  let left = random.float() * total;
  let token = -1;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    token = i; // the last candidate takes the rounding error
    left -= weight;
    if (left < 0) break;
  }
  return token < 0 ? pickGreedy(logits) : pickForced(logits, token);
}

/** The smallest weight in the nucleus that holds `mass`. */
function nucleusEdge(weights: Float64Array, mass: number): number {
  const sorted = weights.filter((weight) => weight > 0).sort();
  let sum = 0;
  for (let i = sorted.length - 1; i >= 0; i--) {
    sum += sorted[i]!;
    if (sum >= mass) return sorted[i]!;
  }
  return 0;
}

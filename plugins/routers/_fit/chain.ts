/** Features of the sequence of a query's hidden states h_0 … h_L. */
import type { HiddenStates } from '../../../core/index.js';

/**
 * Norms of the states, and relations between neighbouring states and between the first and the
 * last.
 */
interface Chain {
  readonly lengths: readonly number[];
  /** cos(h_l, h_{l+1}), within [−1, 1]; 0 if either vector is 0. */
  readonly cosines: readonly number[];
  /** ‖h_{l+1} − h_l‖ */
  readonly steps: readonly number[];
  /** ‖h_L − h_0‖ and the angle between h_0 and h_L in radians. */
  readonly whole: { readonly step: number; readonly angle: number };
}

function computeChain({ layers, dim, values }: HiddenStates): Chain {
  const product = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += values[a * dim + i]! * values[b * dim + i]!;
    return sum;
  };
  const distance = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += (values[b * dim + i]! - values[a * dim + i]!) ** 2;
    return Math.sqrt(sum);
  };
  const lengths = Array.from({ length: layers }, (_, l) => Math.sqrt(product(l, l)));
  const cosine = (a: number, b: number): number => {
    const scale = lengths[a]! * lengths[b]!;
    return scale === 0 ? 0 : Math.max(-1, Math.min(1, product(a, b) / scale));
  };
  const neighbours = Array.from({ length: layers - 1 }, (_, l) => l);
  return {
    lengths,
    cosines: neighbours.map((l) => cosine(l, l + 1)),
    steps: neighbours.map((l) => distance(l, l + 1)),
    whole: { step: distance(0, layers - 1), angle: Math.acos(cosine(0, layers - 1)) },
  };
}

/**
 * The steps relative to the distance between the first and the last state; a zero distance or angle
 * (all states equal, or in one direction) gives 0.
 */
function shares(states: HiddenStates): {
  readonly magnitudes: readonly number[];
  readonly angles: readonly number[];
} {
  const { cosines, steps, whole } = computeChain(states);
  const share = (part: number, all: number): number => (all === 0 ? 0 : part / all);
  return {
    magnitudes: steps.map((step) => share(step, whole.step)),
    angles: cosines.map((cosine) => share(Math.acos(cosine), whole.angle)),
  };
}

/**
 * RouterXBench's pairs, Float32Array[2L]: ‖h_l‖ + ‖h_{l+1}‖ for every l, then cos(h_l, h_{l+1}) for
 * every l.
 */
export function lengthsAndCosines(states: HiddenStates): Float32Array {
  const { lengths, cosines } = computeChain(states);
  return Float32Array.from([...cosines.map((_, l) => lengths[l]! + lengths[l + 1]!), ...cosines]);
}

/**
 * Chain-of-Embedding's pairs, Float32Array[2L]: magnitudes M_l = ‖h_{l+1} − h_l‖ / ‖h_L − h_0‖ for
 * every l, then
 * angles A_l = arccos cos(h_l, h_{l+1}) / arccos cos(h_0, h_L) for every l.
 */
export function magnitudesAndAngles(states: HiddenStates): Float32Array {
  const { magnitudes, angles } = shares(states);
  return Float32Array.from([...magnitudes, ...angles]);
}

/** The terms of CoE-R, Float32Array[L]: M_l − A_l. Their mean is CoE-R. */
export function realFeatures(states: HiddenStates): Float32Array {
  const { magnitudes, angles } = shares(states);
  return Float32Array.from(magnitudes, (magnitude, l) => magnitude - angles[l]!);
}

/**
 * The terms of CoE-C, Float32Array[2L]: the points M_l · e^{i A_l} of the complex plane, real parts
 * M_l cos A_l for every l, then imaginary
 * parts M_l sin A_l, the relative angle A_l taken as radians as in the paper. The modulus of the
 * points' mean is CoE-C.
 */
export function complexFeatures(states: HiddenStates): Float32Array {
  const { magnitudes, angles } = shares(states);
  const part = (transform: (angle: number) => number): readonly number[] =>
    magnitudes.map((magnitude, l) => magnitude * transform(angles[l]!));
  return Float32Array.from([...part(Math.cos), ...part(Math.sin)]);
}

import type { Confidence, RouterInput } from '../core/contracts.js';
import type { RouterInstance, TimedConfidences } from '../core/router-instance.js';

/** Scores inputs with whichever method the router has, in any process, and measures the time. */
export async function scoreTimed(
  instance: RouterInstance,
  inputs: readonly RouterInput<object>[],
): Promise<TimedConfidences> {
  if (instance.scoreTimed !== undefined) return await instance.scoreTimed(inputs);
  if (instance.scoreBatch !== undefined) {
    const started = performance.now();
    const confidences = await instance.scoreBatch(inputs);
    const each = (performance.now() - started) / inputs.length;
    return { confidences, milliseconds: inputs.map(() => each) };
  }
  const milliseconds: number[] = [];
  const confidences = inputs.map((input) => {
    const started = performance.now();
    const confidence = instance.score?.(input) as Confidence; // planning checked that it exists
    milliseconds.push(performance.now() - started);
    return confidence;
  });
  return { confidences, milliseconds };
}

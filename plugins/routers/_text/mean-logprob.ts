import type { Generated } from '../../../core/index.js';

/** Mean natural-log probability of a text's tokens; null if it has none. */
export function meanLogprob({ tokenLogprobs }: Generated): number | null {
  if (tokenLogprobs.length === 0) return null;
  let sum = 0;
  for (const logprob of tokenLogprobs) sum += logprob;
  return sum / tokenLogprobs.length;
}

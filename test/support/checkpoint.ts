/** Fits that are stopped and resumed. */
import { expect } from 'chai';
import type { FitCheckpoint, FitContext, Weights } from '../../core/index.js';

/** A checkpoint in memory, converted to JSON and back as in a file. */
function createCheckpoint(): FitCheckpoint & { readonly saved: () => number } {
  let kept: Weights | undefined;
  let saved = 0;
  return {
    due: () => true,
    load: () => Promise.resolve(kept),
    save: (state) => {
      saved++;
      const tensors = Object.fromEntries(
        Object.entries(state.tensors).map(([name, { shape, data: values }]) => [
          name,
          { shape, data: Float32Array.from(values) },
        ]),
      );
      kept = { tensors, meta: JSON.parse(JSON.stringify(state.meta)) as Weights['meta'] };
      return Promise.resolve();
    },
    saved: () => saved,
  };
}

/** Stops a fit after every epoch and resumes it from its checkpoint until it is done. */
export async function fitInPieces(
  fit: (over: Partial<FitContext>) => Promise<Weights>,
): Promise<Weights> {
  const checkpoint = createCheckpoint();
  for (let tries = 0; tries < 100; tries++) {
    const stop = new AbortController();
    const outcome = await fit({
      checkpoint,
      signal: stop.signal,
      progress: () => stop.abort(new Error('enough')),
    }).catch((thrown: unknown) => {
      expect(thrown).to.equal(stop.signal.reason);
      return undefined;
    });
    if (outcome === undefined) continue;
    expect(checkpoint.saved()).to.be.greaterThan(4);
    return outcome;
  }
  throw new Error('the fit did not end');
}

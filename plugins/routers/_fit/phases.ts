/** A checkpoint for fits that train several models one after another. */
import type { FitCheckpoint, Tensor, Weights } from '../../../core/index.js';

/** The outcome of one phase. */
export type Finished = Weights;

/** The finished phases, and the checkpoint of the current one. */
export interface Phases {
  readonly finished: (phase: number) => Finished | undefined;
  readonly finish: (phase: number, outcome: Finished) => void;
  /** The checkpoint for that phase; undefined if the context keeps none. */
  readonly checkpoint: (phase: number) => { readonly checkpoint?: FitCheckpoint };
}

const prefixed = (prefix: string, tensors: Readonly<Record<string, Tensor>>): [string, Tensor][] =>
  Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]);
const under = (prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) =>
      name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), tensor]] : [],
    ),
  );

/** Keeps finished phases and the state of the current one in a single checkpoint. */
export async function phaseCheckpoint(outer: FitCheckpoint | undefined): Promise<Phases> {
  const stored = await outer?.load();
  const done = new Map<number, Finished>();
  const {
    phase: current,
    state: meta,
    done: metas,
  } = (stored?.meta ?? {}) as {
    phase?: number;
    state?: Weights['meta'];
    done?: Readonly<Record<string, Weights['meta']>>;
  };
  for (const [phase, phaseMeta] of Object.entries(metas ?? {}))
    done.set(Number(phase), {
      tensors: under(`done/${phase}`, stored?.tensors ?? {}),
      meta: phaseMeta,
    });
  return {
    finished: (phase) => done.get(phase),
    finish: (phase, outcome) => done.set(phase, outcome),
    checkpoint: (phase) => {
      if (outer === undefined) return {};
      return {
        checkpoint: {
          due: outer.due,
          load: () =>
            Promise.resolve(
              phase === current && stored !== undefined && meta !== undefined
                ? { tensors: under('state', stored.tensors), meta }
                : undefined,
            ),
          save: async ({ tensors, meta: state }) => {
            await outer.save({
              tensors: Object.fromEntries([
                ...prefixed('state', tensors),
                ...[...done].flatMap(([finishedPhase, outcome]) =>
                  prefixed(`done/${finishedPhase}`, outcome.tensors),
                ),
              ]),
              meta: {
                phase,
                state,
                done: Object.fromEntries(
                  [...done].map(([finishedPhase, outcome]) => [
                    String(finishedPhase),
                    outcome.meta,
                  ]),
                ),
              },
            });
          },
        },
      };
    },
  };
}

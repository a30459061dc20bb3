/**
 * Fitting, on the plugin's side of the protocol: requests rows block by block, sends the state as
 * tensors.
 */
import type { FitCheckpoint, FitData, FitRow, Router } from '../core/contracts.js';
import type { Frame } from './frames.js';
import { unpackBlock, type BlockHeader } from './signal-block.js';
import { packWeights, unpackWeights, type WeightsHeader } from './tensors.js';

/** The harness as the plugin's process sees it. */
export interface Host {
  readonly send: (header: object, payload?: Uint8Array) => void;
  /** Pending promises: by `block N`, `saved`, `loaded`. */
  readonly waiting: Map<string, (frame: Frame) => void>;
  readonly stop: AbortController;
  /** Of the signals of a row. */
  readonly prototype: object;
}

interface FitHeader {
  readonly seed: number;
  readonly train: number;
  readonly validation: number;
  readonly checkpointSeconds: number;
}

/**
 * Fits and sends the outcome.
 * @throws what the fit throws
 */
export async function fitHere(
  router: Router<object>,
  { seed, train, validation, checkpointSeconds }: FitHeader,
  host: Host,
): Promise<void> {
  if (router.fit === undefined) throw new Error('the router has no fit method');
  const asked = (key: string): Promise<Frame> =>
    new Promise((resolve) => host.waiting.set(key, resolve));
  let readers = 0;
  const data = (part: 'train' | 'validation', rows: number): FitData<object> => ({
    rows,
    async *blocks() {
      const reader = readers++;
      const next = async (): Promise<readonly FitRow<object>[]> => {
        host.send({ type: 'next', reader, part });
        const { header, payload } = await asked(`block ${reader}`);
        return unpackBlock(header as unknown as BlockHeader, payload, host.prototype);
      };
      try {
        for (let block = await next(); block.length > 0;) {
          const ahead = next(); // the harness reads the next one while this one is used
          yield block;
          block = await ahead;
        }
      } finally {
        host.send({ type: 'leave', reader });
      }
    },
  });
  let saved = performance.now();
  const checkpoint: FitCheckpoint = {
    due: () => performance.now() - saved >= 1000 * checkpointSeconds,
    save: async (state) => {
      const { header, payload } = packWeights(state);
      host.send({ type: 'save', ...header }, payload);
      await asked('saved');
      saved = performance.now();
    },
    load: async () => {
      host.send({ type: 'load' });
      const { header, payload } = await asked('loaded');
      return header['none'] === true
        ? undefined
        : unpackWeights(header as unknown as WeightsHeader, payload);
    },
  };
  const weights = await router.fit(data('train', train), data('validation', validation), {
    seed,
    signal: host.stop.signal,
    progress: ({ epoch, epochs, trainLoss, validationLoss }) =>
      host.send({ type: 'progress', epoch, epochs, trainLoss, validationLoss }),
    checkpoint,
  });
  const { header, payload } = packWeights(weights);
  host.send({ type: 'fitted', ...header }, payload);
}

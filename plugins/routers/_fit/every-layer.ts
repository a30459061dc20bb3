/**
 * Heads on single layers of the hidden states: on one of them, or on each in turn, keeping the
 * best.
 */
import {
  HarnessError,
  seededRandom,
  type FitContext,
  type FitData,
  type FitRow,
  type HiddenStates,
  type Weights,
} from '../../../core/index.js';
import { headMaker } from './head-maker.js';
import type { HeadOptions } from './head-router.js';
import { paddedWidth, withKernel, type Kernel } from './kernel/kernel.js';
import { newLayers } from './layers.js';
import { openParts, type Vectors } from './rows.js';
import { phaseCheckpoint, type Finished } from './phases.js';
import { train, type History } from './train.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}
type Options = Omit<HeadOptions, 'standardize'> & { readonly layer: number | 'best' };

const bestLoss = ({ validationLosses, bestEpoch }: History): number =>
  validationLosses[bestEpoch - 1] ?? Infinity;

async function readFirstStates(data: FitData<Signals>): Promise<HiddenStates> {
  for await (const block of data.blocks())
    for (const { signals } of block) return signals.hiddenStates;
  throw new RangeError('there are no rows to fit on');
}

function chooseLayers(router: string, layer: number | 'best', count: number): readonly number[] {
  if (layer === 'best') return Array.from({ length: count }, (_, l) => l);
  if (layer < count) return [layer];
  throw new HarnessError('invalidPluginOptions', {
    kind: 'router',
    name: router,
    path: 'layer',
    problem: `there is no layer ${layer}; the model has layers 0 to ${count - 1}`,
  });
}

/**
 * Fits heads on the requested layers; each pass over the data reads as many layers as fit into
 * memory.
 */
export async function fitLayers(
  name: string,
  options: Options,
  trainData: FitData<Signals>,
  validationData: FitData<Signals>,
  context: FitContext,
): Promise<Weights> {
  context.signal.throwIfAborted();
  const { layers, dim } = await readFirstStates(trainData);
  const wanted = chooseLayers(name, options.layer, layers);
  const allRows = trainData.rows + validationData.rows;
  const together = Math.max(
    1,
    Math.floor((options.memory * 2 ** 20) / (4 * paddedWidth(dim) * allRows)),
  );
  const { trainer, make } = await headMaker(options.trainer);
  const phases = await phaseCheckpoint(context.checkpoint);
  const layerLosses: Record<string, number> = {};
  let best: Finished | undefined;
  const fitLayer = async (
    kernel: Kernel,
    data: Awaited<ReturnType<typeof readLayers>>,
    index: number,
    layer: number,
  ): Promise<Finished> => {
    // every layer starts from the same initial head
    const random = seededRandom(context.seed).fork('start');
    const initial = newLayers([dim, ...options.hidden, 1], random);
    const model = make(kernel, initial, { ...options, layer: index });
    const turn = wanted.indexOf(layer);
    const meta = await train(name, model, data.rows, data.validation, options, {
      ...context,
      progress: (step) =>
        context.progress({
          ...step,
          epoch: turn * options.epochs + step.epoch,
          epochs: wanted.length * options.epochs,
        }),
      ...phases.checkpoint(layer),
    });
    const outcome = { tensors: model.tensors(), meta };
    phases.finish(layer, outcome);
    return outcome;
  };
  for (let from = 0; from < wanted.length; from += together) {
    const group = wanted.slice(from, from + together);
    await withKernel(async (kernel) => {
      const data = await readLayers(kernel, trainData, validationData, group, options.memory);
      for (const [index, layer] of group.entries()) {
        const outcome = phases.finished(layer) ?? (await fitLayer(kernel, data, index, layer));
        const loss = bestLoss(outcome.meta as History);
        layerLosses[layer] = loss;
        if (best === undefined || loss < bestLoss(best.meta as History))
          best = { ...outcome, meta: { ...outcome.meta, layer } };
      }
    });
  }
  const { tensors, meta } = best as unknown as Finished;
  return { tensors, meta: { trainer, ...meta, layerLosses } };
}

/** Reads consecutive layers of all rows. */
function readLayers(
  kernel: Kernel,
  trainData: FitData<Signals>,
  validationData: FitData<Signals>,
  layers: readonly number[],
  memory: number,
) {
  const first = layers[0]!;
  const part = ({ signals: { hiddenStates: h } }: FitRow<Signals>): Vectors => ({
    layers: layers.length,
    dim: h.dim,
    values: h.values.subarray(first * h.dim, (first + layers.length) * h.dim),
  });
  return openParts(kernel, trainData, validationData, part, memory);
}

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
  type JsonObject,
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
  if (options.layer !== 'best' && options.layer >= layers) {
    throw new HarnessError('invalidPluginOptions', {
      kind: 'router',
      name,
      path: 'layer',
      problem: `there is no layer ${options.layer}; the model has layers 0 to ${layers - 1}`,
    });
  }
  const wanted =
    options.layer === 'best' ? Array.from({ length: layers }, (_, l) => l) : [options.layer];
  const allRows = trainData.rows + validationData.rows;
  const together = Math.max(
    1,
    Math.floor((options.memory * 2 ** 20) / (4 * paddedWidth(dim) * allRows)),
  );
  const { trainer, make } = await headMaker(options.trainer);
  let finished: Finished | undefined;
  const losses: Record<string, number> = {};
  const phases = await phaseCheckpoint(context.checkpoint);
  const fitGroup = async (kernel: Kernel, group: readonly number[]): Promise<void> => {
    const part = ({ signals: { hiddenStates: h } }: FitRow<Signals>): Vectors => {
      const first = group[0] as number;
      return {
        layers: group.length,
        dim: h.dim,
        values: h.values.subarray(first * h.dim, (first + group.length) * h.dim),
      };
    };
    const { rows, validation } = await openParts(
      kernel,
      trainData,
      validationData,
      part,
      options.memory,
    );
    for (const [index, layer] of group.entries()) {
      // every layer starts from the same initial head
      const random = seededRandom(context.seed).fork('start');
      const turn = wanted.indexOf(layer);
      const progress: FitContext['progress'] = (step) =>
        context.progress({
          ...step,
          epoch: turn * options.epochs + step.epoch,
          epochs: wanted.length * options.epochs,
        });
      let outcome = phases.finished(layer);
      if (outcome === undefined) {
        const model = make(kernel, newLayers([dim, ...options.hidden, 1], random), {
          ...options,
          layer: index,
        });
        const meta = await train(name, model, rows, validation, options, {
          ...context,
          progress,
          ...phases.checkpoint(layer),
        });
        outcome = { tensors: model.tensors(), meta };
        phases.finish(layer, outcome);
      }
      losses[layer] = bestLoss(outcome.meta as History);
      if (finished === undefined || losses[layer] < bestLoss(finished.meta as History))
        finished = { ...outcome, meta: { ...outcome.meta, layer } };
    }
  };
  for (let from = 0; from < wanted.length; from += together)
    await withKernel((kernel) => fitGroup(kernel, wanted.slice(from, from + together)));
  const { tensors, meta } = finished as unknown as Finished;
  const layerLosses: JsonObject = losses;
  return { tensors, meta: { trainer, ...meta, layerLosses } };
}

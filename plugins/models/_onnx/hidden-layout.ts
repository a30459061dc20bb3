import { join } from 'node:path';
import { extent, numberIn } from './extent.js';
import type { ModelFolder } from './folder.js';
import { readNodes } from './nodes.js';
import type { OnnxOptions } from './options.js';
import { residualStream } from './residual-stream.js';
import { ModelError } from '../_errors.js';

/**
 * How a graph outputs hidden states: all layers stacked as [rows, layers, tokens, dim], or one
 * output [rows, tokens, dim] per layer.
 */
export interface HiddenLayout {
  readonly form: 'stacked' | 'separate';
  readonly outputs: readonly string[];
  readonly indices: readonly number[];
  readonly dim: number;
  /** Tensors that the graph computes but does not output: this needs a copy of the model file. */
  readonly added: readonly string[];
}

/** The hidden states of a graph, or why there are none, as the end of a sentence. */
export interface FoundStates {
  readonly hidden: HiddenLayout | undefined;
  readonly noHidden?: string;
}

/**
 * Hidden states: the tensors that the options name, else the graph's outputs for them, else the
 * tensors of its residual stream.
 * @throws HarnessError RXB4022 if the graph lacks a tensor that the options name.
 */
export function hiddenLayout(
  folder: ModelFolder,
  cacheTensors: number,
  named: OnnxOptions['hiddenStates'],
): FoundStates {
  const given = named === undefined ? givenStates(folder) : undefined;
  if (given !== undefined) return { hidden: given };
  const nodes = readNodes(join(folder.path, folder.modelFile));
  const inputs = folder.graph.inputs.map(({ name }) => name);
  const dim = numberIn(folder.config, 'hidden_size', 'n_embd', 'd_model', 'dim');
  if (dim === undefined)
    return { hidden: undefined, noHidden: 'config.json does not tell their width (hidden_size)' };
  const layoutFor = (tensors: readonly string[], indices: readonly number[]): FoundStates => ({
    hidden: {
      form: 'separate',
      outputs: tensors,
      indices,
      dim,
      added: tensors.filter((name) => !folder.graph.outputs.some((output) => output.name === name)),
    },
  });
  if (named !== undefined) {
    const known = new Set([...inputs, ...nodes.flatMap(({ outputs }) => outputs)]);
    const unknown = named.tensors.find((name) => !known.has(name));
    if (unknown !== undefined)
      throw new ModelError('unknownTensor', {
        file: folder.modelFile,
        folder: folder.path,
        tensor: unknown,
      });
    return layoutFor(named.tensors, named.indices ?? named.tensors.map((_name, index) => index));
  }
  // a key and a value per layer
  const layers =
    numberIn(folder.config, 'num_hidden_layers', 'n_layer', 'n_layers', 'num_layers') ??
    cacheTensors / 2;
  const stream = residualStream(nodes, inputs, 'logits', layers);
  return stream.found
    ? layoutFor(
        stream.tensors,
        stream.tensors.map((_name, index) => index),
      )
    : { hidden: undefined, noHidden: stream.problem };
}

/** The hidden states that the graph outputs already. */
function givenStates(folder: ModelFolder): HiddenLayout | undefined {
  const stacked = folder.graph.outputs.find(
    ({ name, shape }) => name === 'hidden_states' && shape.length === 4,
  );
  if (stacked !== undefined) {
    const declared = stacked.shape[1];
    const layers =
      typeof declared === 'number'
        ? declared
        : (numberIn(folder.config, 'num_hidden_layers', 'n_layer') ?? 0) + 1;
    return {
      form: 'stacked',
      outputs: [stacked.name],
      indices: Array.from({ length: layers }, (_, index) => index),
      dim: extent(folder, stacked, 3, ['hidden_size', 'n_embd']),
      added: [],
    };
  }
  const separate = folder.graph.outputs
    .map((value) => ({
      value,
      index: Number(/^hidden_states\.(\d+)$/.exec(value.name)?.[1] ?? NaN),
    }))
    .filter(({ index }) => !Number.isNaN(index))
    .sort((a, b) => a.index - b.index);
  const first = separate[0];
  if (first === undefined) return undefined;
  return {
    form: 'separate',
    outputs: separate.map(({ value }) => value.name),
    indices: separate.map(({ index }) => index),
    dim: extent(folder, first.value, 2, ['hidden_size', 'n_embd']),
    added: [],
  };
}

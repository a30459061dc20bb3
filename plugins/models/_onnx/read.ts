import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { type PromptState } from '../../../core/index.js';
import { promptFeeds } from './feeds.js';
import { floats, lastLogits } from './last-logits.js';
import type { HiddenLayout } from './hidden-layout.js';
import type { DecoderLayout } from './layout.js';
import { ModelError } from '../_errors.js';

/** Prompts to read together, and the requested outputs. */
export interface ReadJob {
  readonly prompts: readonly (readonly number[])[];
  readonly logits: boolean;
  readonly hiddenStates: boolean;
}

/** An output with hidden states, and its number of tokens. */
interface LayerStates {
  readonly values: Float32Array;
  readonly width: number;
}

/**
 * One forward pass on prompts: logits at their last position and hidden states averaged over their
 * tokens.
 */
export async function read(
  { session, layout }: { readonly session: InferenceSession; readonly layout: DecoderLayout },
  job: ReadJob,
): Promise<readonly PromptState[]> {
  const hidden = job.hiddenStates ? layout.hidden : undefined;
  const fetches = [...(job.logits ? ['logits'] : []), ...(hidden?.outputs ?? [])];
  const fetched = await session.run(promptFeeds(layout, job.prompts), fetches);
  const logits = job.logits ? lastLogits(fetched['logits'] as Tensor) : undefined;
  const states = (hidden?.outputs ?? []).map((name) => {
    const tensor = fetched[name] as Tensor;
    checkShape(tensor.dims, name, hidden as HiddenLayout, job.prompts.length);
    return { values: floats(tensor), width: tensor.dims.at(-2) ?? 0 };
  });
  return job.prompts.map((ids, row) => ({
    ...(logits === undefined ? {} : { logits: checked((logits[row] as Float32Array).slice()) }),
    ...(hidden === undefined
      ? {}
      : { hiddenStates: checked(pooled(hidden, states, row, ids.length)) }),
  }));
}

/**
 * Checks that a tensor has the shape of a layer.
 * @throws HarnessError RXB4023
 */
function checkShape(
  dims: readonly number[],
  name: string,
  { form, indices, dim }: HiddenLayout,
  rows: number,
): void {
  const [first, last, layers] = [
    dims[0],
    dims.at(-1),
    form === 'stacked' ? dims[1] : indices.length,
  ];
  if (
    dims.length === (form === 'stacked' ? 4 : 3) &&
    first === rows &&
    last === dim &&
    layers === indices.length
  )
    return;
  throw new ModelError('wrongTensorShape', {
    tensor: name,
    shape: dims.join(', '),
    wanted:
      form === 'stacked' ? `${rows}, ${indices.length}, tokens, ${dim}` : `${rows}, tokens, ${dim}`,
  });
}

/**
 * Mean over the last `tokens` positions (padding is on the left) of each layer of one row: [layers
 * · dim].
 */
function pooled(
  hidden: HiddenLayout,
  states: readonly LayerStates[],
  row: number,
  tokens: number,
): Float32Array {
  const { form, indices, dim } = hidden;
  const layers = indices.length;
  const means = new Float32Array(layers * dim);
  for (let layer = 0; layer < layers; layer++) {
    const { values, width } = states[form === 'stacked' ? 0 : layer] as LayerStates;
    const block = form === 'stacked' ? row * layers + layer : row;
    means.set(
      computeRowMean(values, (block * width + width - tokens) * dim, tokens, dim),
      layer * dim,
    );
  }
  return means;
}

/**
 * Mean of `count` consecutive vectors of `dim` numbers from `start`, summed in double precision.
 */
export function computeRowMean(
  values: Float32Array,
  start: number,
  count: number,
  dim: number,
): Float64Array {
  const mean = new Float64Array(dim);
  for (let row = 0; row < count; row++) {
    const from = start + row * dim;
    for (let i = 0; i < dim; i++) mean[i] = mean[i]! + values[from + i]!;
  }
  for (let i = 0; i < dim; i++) mean[i] = mean[i]! / count;
  return mean;
}

function checked(values: Float32Array): Float32Array {
  if (!values.every(Number.isFinite))
    throw new RangeError('the model gave values that are not finite numbers');
  return values;
}

import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  type HiddenStates,
  type Router,
  type RouterInput,
} from '../../core/index.js';
import { engineFindings } from './_fit/engine.js';
import { HEAD_SEARCH } from './_fit/search.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

/** The largest value of each coordinate over layers: Float32Array[dim]. */
const computeLayerMax = ({ signals: { hiddenStates: h } }: RouterInput<Signals>): Float32Array => {
  const max = h.values.slice(0, h.dim);
  for (let from = h.dim; from < h.layers * h.dim; from += h.dim) {
    for (let i = 0; i < h.dim; i++) max[i] = Math.max(max[i]!, h.values[from + i]!);
  }
  return max;
};

/** A linear (or small MLP) head on the maximum over layers, computed once, before training. */
@router({
  name: 'probe-max',
  summary: 'A fitted head on the maximum over layers of the hidden states',
  aliases: ['probe_max', 'max'],
  family: 'probe',
  needs: [hiddenStates()],
  options: HeadOptions,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula: 'w · max over layers of h + b',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeMax extends FittedHead<Signals> implements Router<Signals> {
  constructor(@inject(OPTIONS) options: HeadOptions) {
    super('probe-max', options, computeLayerMax);
  }
}

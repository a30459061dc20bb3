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

/** The state after the final norm: Float32Array[dim]. */
const lastLayer = ({ signals: { hiddenStates: h } }: RouterInput<Signals>): Float32Array =>
  h.values.slice((h.layers - 1) * h.dim);

/** A linear (or small MLP) head on the last layer. */
@router({
  name: 'probe-hs-last-mlp',
  summary: 'A fitted head on the last layer of the hidden states',
  aliases: ['probe_hs_last_mlp', 'hs_last_mlp'],
  family: 'probe',
  needs: [hiddenStates()],
  options: HeadOptions,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula: 'head(h_L), linear or with the layers of `hidden`',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeHsLastMlp extends FittedHead<Signals> implements Router<Signals> {
  constructor(@inject(OPTIONS) options: HeadOptions) {
    super('probe-hs-last-mlp', options, lastLayer);
  }
}

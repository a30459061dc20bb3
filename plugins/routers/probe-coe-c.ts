import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  z,
  type HiddenStates,
  type Router,
} from '../../core/index.js';
import { complexFeatures } from './_fit/chain.js';
import { engineFindings } from './_fit/engine.js';
import { HEAD_SEARCH } from './_fit/search.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

const Options = HeadOptions.extend({ standardize: z.boolean().default(true) });
type Options = z.infer<typeof Options>;

/**
 * A head on the terms of CoE-C: the step and the angle of each layer as a point in the complex
 * plane.
 */
@router({
  name: 'probe-coe-c',
  summary: 'A fitted head on the complex terms of Chain-of-Embedding, layer by layer',
  aliases: ['probe_coe_c', 'probe_coe_c_scalar', 'coe_c', 'coe_c_scalar'],
  family: 'probe',
  needs: [hiddenStates()],
  options: Options,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula:
    'head of z-scored (M_l cos A_l, M_l sin A_l) for every l; M_l = ‖h_{l+1} − h_l‖ / ‖h_L − h_0‖, A_l = ∠(h_l, h_{l+1}) / ∠(h_0, h_L)',
  source: 'Chain-of-Embedding, arXiv 2410.13640; probe as in RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeCoeC extends FittedHead<Signals> implements Router<Signals> {
  constructor(@inject(OPTIONS) options: Options) {
    super('probe-coe-c', options, ({ signals }) => complexFeatures(signals.hiddenStates));
  }
}

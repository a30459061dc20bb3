import {
  hiddenStates,
  inject,
  OPTIONS,
  router,
  z,
  type HiddenStates,
  type Router,
} from '../../core/index.js';
import { lengthsAndCosines, magnitudesAndAngles } from './_fit/chain.js';
import { engineFindings } from './_fit/engine.js';
import { HEAD_SEARCH } from './_fit/search.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';

interface Signals {
  readonly hiddenStates: HiddenStates;
}

const Options = HeadOptions.extend({
  standardize: z.boolean().default(true),
  /**
   * `paper`: M_l and A_l. `upstream`: the features of all three CoE probes of RouterXBench, ‖h_l‖ +
   * ‖h_{l+1}‖ and cos(h_l, h_{l+1}).
   */
  features: z.enum(['paper', 'upstream']).default('paper'),
});
type Options = z.infer<typeof Options>;

/** A head on magnitudes and angles as separate features, so it may weight them separately. */
@router({
  name: 'probe-coe-dual-mlp',
  summary: 'A fitted head on the magnitudes and angles of Chain-of-Embedding, layer by layer',
  aliases: ['probe_coe_dual_mlp', 'coe_dual_mlp'],
  family: 'probe',
  needs: [hiddenStates()],
  options: Options,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula:
    'head of z-scored (M_l, A_l) for every l; M_l = ‖h_{l+1} − h_l‖ / ‖h_L − h_0‖, A_l = ∠(h_l, h_{l+1}) / ∠(h_0, h_L)',
  source: 'Chain-of-Embedding, arXiv 2410.13640; probe as in RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the prompt by the weak model',
})
export class ProbeCoeDualMlp extends FittedHead<Signals> implements Router<Signals> {
  constructor(@inject(OPTIONS) options: Options) {
    const getFeatures = options.features === 'paper' ? magnitudesAndAngles : lengthsAndCosines;
    super('probe-coe-dual-mlp', options, ({ signals }) => getFeatures(signals.hiddenStates));
  }
}

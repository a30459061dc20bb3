import { metric } from '../../core/index.js';
import { CallsToRecover } from './_route-llm/calls-to-recover.js';

/** Calls needed for 20 % of the gap. */
@metric({
  name: 'cpt20',
  version: 2,
  summary: 'Calls in % that recover 20 % of the gap',
  better: 'lower',
  range: [0, 100],
  needs: 'confidence',
  order: 130,
  random: 20,
  source: 'RouteLLM, Ong et al., 2024',
})
export class Cpt20 extends CallsToRecover {
  protected override readonly share = 0.2;
}

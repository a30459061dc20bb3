import { metric } from '../../core/index.js';
import { CallsToRecover } from './_route-llm/calls-to-recover.js';

/** Calls needed for 80 % of the gap. */
@metric({
  name: 'cpt80',
  version: 2,
  summary: 'Calls in % that recover 80 % of the gap',
  better: 'lower',
  range: [0, 100],
  needs: 'confidence',
  order: 150,
  random: 80,
  source: 'RouteLLM, Ong et al., 2024',
})
export class Cpt80 extends CallsToRecover {
  protected override readonly share = 0.8;
}

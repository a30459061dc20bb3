import { metric } from '../../core/index.js';
import { CallsToRecover } from './_route-llm/calls-to-recover.js';

/** Calls needed for 50 % of the gap. */
@metric({
  name: 'cpt50',
  version: 2,
  summary: 'Calls in % that recover 50 % of the gap',
  better: 'lower',
  range: [0, 100],
  needs: 'confidence',
  order: 140,
  random: 50,
  source: 'RouteLLM, Ong et al., 2024',
})
export class Cpt50 extends CallsToRecover {
  protected override readonly share = 0.5;
}

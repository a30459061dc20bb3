import { metric } from '../../core/index.js';
import { RecoveredAt } from './_gap/recovered.js';

/** Performance gap recovered at 20 % calls. */
@metric({
  name: 'pgr20',
  summary: 'Share of the gap recovered at 20 % calls',
  better: 'higher',
  range: [-Infinity, Infinity],
  needs: 'confidence',
  order: 110,
  random: 0.2,
  formula: '(A − W) / (S − W) at a call rate of 20 %',
  source: 'RouteLLM, Ong et al., 2024',
})
export class Pgr20 extends RecoveredAt {
  protected override readonly callRate = 0.2;
}

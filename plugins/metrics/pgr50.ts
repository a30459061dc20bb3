import { metric } from '../../core/index.js';
import { RecoveredAt } from './_gap/recovered.js';

/** Performance gap recovered at 50 % calls. */
@metric({
  name: 'pgr50',
  summary: 'Share of the gap recovered at 50 % calls',
  better: 'higher',
  range: [-Infinity, Infinity],
  needs: 'confidence',
  order: 120,
  random: 0.5,
  formula: '(A − W) / (S − W) at a call rate of 50 %',
  source: 'RouteLLM, Ong et al., 2024',
})
export class Pgr50 extends RecoveredAt {
  protected override readonly callRate = 0.5;
}

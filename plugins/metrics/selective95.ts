import { metric } from '../../core/index.js';
import { SelectiveAccuracy } from './_selective/selective-accuracy.js';

/** Accuracy of the weak model at a coverage of 95 %. */
@metric({
  name: 'selective95',
  summary: 'Share of right weak answers among the surest 95 %',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 220,
  formula: 'share of y = 1 among the most confident 95 % of the rows',
})
export class Selective95 extends SelectiveAccuracy {
  protected override readonly coverage = 0.95;
}

import { metric } from '../../core/index.js';
import { SelectiveAccuracy } from './_selective/selective-accuracy.js';

/** Accuracy of the weak model at a coverage of 90 %. */
@metric({
  name: 'selective90',
  summary: 'Share of right weak answers among the surest 90 %',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 210,
  formula: 'share of y = 1 among the most confident 90 % of the rows',
})
export class Selective90 extends SelectiveAccuracy {
  protected override readonly coverage = 0.9;
}

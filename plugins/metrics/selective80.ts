import { metric } from '../../core/index.js';
import { SelectiveAccuracy } from './_selective/selective-accuracy.js';

/** Accuracy of the weak model at a coverage of 80 %. */
@metric({
  name: 'selective80',
  summary: 'Share of right weak answers among the surest 80 %',
  better: 'higher',
  range: [0, 1],
  needs: 'confidence',
  order: 200,
  formula: 'share of y = 1 among the most confident 80 % of the rows',
})
export class Selective80 extends SelectiveAccuracy {
  protected override readonly coverage = 0.8;
}

import {
  scorer,
  type DatasetRow,
  type Grade,
  type GradedAnswer,
  type Scorer,
} from '../../core/index.js';

/**
 * The grade that was recorded with the answer, for models of the backends `replay` and `recorded`,
 * in the scale of the dataset.
 */
@scorer({
  name: 'recorded',
  summary: 'The grade that was recorded with the answer, in the scale of the dataset',
  scale: [0, 1],
  anyScale: true,
})
export class Recorded implements Scorer {
  readonly grade = (_row: DatasetRow, { recordedGrade }: GradedAnswer): Grade => {
    if (recordedGrade === undefined)
      return { value: null, reason: 'the answer came without a recorded grade' };
    return recordedGrade === null
      ? { value: null, reason: 'recorded without a grade' }
      : { value: recordedGrade };
  };
}

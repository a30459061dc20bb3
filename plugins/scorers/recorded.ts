import { scorer, type DatasetRow, type Grade, type GradedAnswer, type Scorer } from '../../core/index.js';

/** The grade that was recorded with the answer, for models of the backend `replay`. Grades lie between 0 and 1. */
@scorer({ name: 'recorded', summary: 'The grade that was recorded with a replayed answer', scale: [0, 1] })
export class Recorded implements Scorer {
  readonly grade = (_row: DatasetRow, { recordedGrade }: GradedAnswer): Grade => {
    if (recordedGrade === undefined) return { value: null, reason: 'the answer came without a recorded grade' };
    return recordedGrade === null ? { value: null, reason: 'recorded without a grade' } : { value: recordedGrade };
  };
}

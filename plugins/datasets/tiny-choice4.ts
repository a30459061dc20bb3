import { dataset, type Dataset, type DatasetRow } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyParaphrases, tinyRows } from './_tiny/sets.js';

/** Four options: largest, odd one out, kind, next in sequence. */
@dataset(tinySet('tiny-choice4', 'Four options: largest, odd one out, kind, next in sequence'))
export class TinyChoice4 implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-choice4', split);
  readonly paraphrases = (row: DatasetRow) => tinyParaphrases('tiny-choice4', row);
}

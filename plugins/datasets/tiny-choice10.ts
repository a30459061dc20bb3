import { dataset, type Dataset, type DatasetRow } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyParaphrases, tinyRows } from './_tiny/sets.js';

/** Ten options, other wordings and further categories. */
@dataset(tinySet('tiny-choice10', 'Ten options, other wordings and further categories'))
export class TinyChoice10 implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-choice10', split);
  readonly paraphrases = (row: DatasetRow) => tinyParaphrases('tiny-choice10', row);
}

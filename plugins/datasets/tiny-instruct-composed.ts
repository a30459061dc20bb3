import { dataset, type Dataset, type DatasetRow } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyParaphrases, tinyRows } from './_tiny/sets.js';

/** Two operations on a word, or one on two words or a long one. */
@dataset(
  tinySet('tiny-instruct-composed', 'Two operations on a word, or one on two words or a long one'),
)
export class TinyInstructComposed implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-instruct-composed', split);
  readonly paraphrases = (row: DatasetRow) => tinyParaphrases('tiny-instruct-composed', row);
}

import { dataset, type Dataset, type DatasetRow } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyParaphrases, tinyRows } from './_tiny/sets.js';

/** One operation on two numbers of one to three digits. */
@dataset(tinySet('tiny-arithmetic', 'One operation on two numbers of one to three digits'))
export class TinyArithmetic implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-arithmetic', split);
  readonly paraphrases = (row: DatasetRow) => tinyParaphrases('tiny-arithmetic', row);
}

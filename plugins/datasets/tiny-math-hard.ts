import { dataset, type Dataset, type DatasetRow } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyParaphrases, tinyRows } from './_tiny/sets.js';

/** Word problems, two operations and larger numbers, with different wordings. */
@dataset(
  tinySet(
    'tiny-math-hard',
    'Word problems, two operations and larger numbers, in wordings of their own',
  ),
)
export class TinyMathHard implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-math-hard', split);
  readonly paraphrases = (row: DatasetRow) => tinyParaphrases('tiny-math-hard', row);
}

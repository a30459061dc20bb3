import { dataset, type Dataset, type DatasetRow } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyParaphrases, tinyRows } from './_tiny/sets.js';

/** One operation on a made-up word. */
@dataset(tinySet('tiny-instruct', 'One operation on a made-up word'))
export class TinyInstruct implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-instruct', split);
  readonly paraphrases = (row: DatasetRow) => tinyParaphrases('tiny-instruct', row);
}

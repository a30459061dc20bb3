import { dataset, type Dataset } from '../../core/index.js';
import { tinySet } from './_tiny/definition.js';
import { tinyRows } from './_tiny/sets.js';

/** Four options: largest, odd one out, kind, next in sequence. */
@dataset(tinySet('tiny-choice4', 'Four options: largest, odd one out, kind, next in sequence'))
export class TinyChoice4 implements Dataset {
  readonly read = (split: string) => tinyRows('tiny-choice4', split);
}

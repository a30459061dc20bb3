import {
  reply,
  router,
  z,
  type Confidence,
  type Generated,
  type Router,
  type RouterInput,
  type SignalRequest,
} from '../../core/index.js';
import { parseShare } from './_text/ratings.js';
import { template } from './_text/template.js';

const Options = z.strictObject({
  /** The entry of the config's `models` that rates. */
  model: z.string().min(1).default('weak'),
  /** The request to the model; its reply must contain a number from 0 to 1, larger = harder. */
  template: template('{query}\nHow difficult is this question? Reply with a number from 0 to 1.', [
    'query',
  ]),
  maxTokens: z.int().positive().default(10),
  temperature: z.number().min(0).default(0),
});
type Options = z.infer<typeof Options>;

interface Signals {
  readonly reply: Generated;
}

/**
 * A model rates how difficult the query is; upstream returns the rating itself, which is the wrong
 * direction.
 */
@router({
  name: 'llm',
  summary: 'Minus the difficulty of the query as a model rates it, from 0 to 1',
  aliases: ['llm_difficulty'],
  needs: (options: Options): readonly [SignalRequest<'reply', Generated>] => [reply(options)],
  options: Options,
  formula: '−(the number in the reply)',
  source: 'RouterXBench, arXiv 2602.11877, with the direction turned',
  cost: 'one short reply of the model that rates',
})
export class Llm implements Router<Signals> {
  /** Null if the reply contains no number from 0 to 1. */
  readonly score = ({ signals: { reply: modelReply } }: RouterInput<Signals>): Confidence => {
    const difficulty = parseShare(modelReply.text);
    return difficulty === null ? null : 0 - difficulty;
  };
}

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
import { parseRating } from './_text/ratings.js';
import { template } from './_text/template.js';

const Options = z.strictObject({
  /**
   * The request to the weak model; its reply must contain a number from 0 to 100, larger = more
   * certain.
   */
  template: template(
    '{query}\nHow sure are you that you can answer this? Reply with a number from 0 to 100.',
    ['query'],
  ),
  maxTokens: z.int().positive().default(10),
  temperature: z.number().min(0).default(0),
});
type Options = z.infer<typeof Options>;

interface Signals {
  readonly reply: Generated;
}

/** Asks the weak model how sure it is. */
@router({
  name: 'self-questioning',
  summary: 'How sure the weak model says it is, from 0 to 100',
  aliases: ['self_questioning'],
  batches: ['self_based'],
  needs: (options: Options): readonly [SignalRequest<'reply', Generated>] => [reply(options)],
  options: Options,
  formula: 'the number in the reply / 100, at most 1',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one short reply of the weak model',
})
export class SelfQuestioning implements Router<Signals> {
  /** Null if the reply contains no number. */
  readonly score = ({ signals: { reply: modelReply } }: RouterInput<Signals>): Confidence => {
    const rating = parseRating(modelReply.text);
    return rating === null ? null : Math.min(1, rating / 100);
  };
}

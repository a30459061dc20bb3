import {
  choiceLogprobs,
  router,
  z,
  type Router,
  type RouterInput,
  type SignalRequest,
} from '../../core/index.js';
import { template } from './_text/template.js';

const Options = z.strictObject({
  /** The question about the weak model's own answer; one of `choices` continues it. */
  template: template('{query}\nProposed answer: {answer}\nIs the proposed answer true or false?', [
    'query',
    'answer',
  ]),
  /** How "true" and "false" begin the reply, as the model writes them. */
  choices: z.tuple([z.string().min(1), z.string().min(1)]).default(['true', 'false']),
});
type Options = z.infer<typeof Options>;

interface Signals {
  readonly choiceLogprobs: Float32Array;
}

/**
 * Shows the weak model its own answer and asks whether it is true; no text is sampled, only the two
 * replies are compared.
 */
@router({
  name: 'p-true',
  summary:
    'How much likelier the weak model finds it that its own answer is true than that it is false',
  aliases: ['p_true', 'ptrue'],
  needs: ({
    template: asked,
    choices,
  }: Options): readonly [SignalRequest<'choiceLogprobs', Float32Array>] => [
    choiceLogprobs({ template: asked, choices }),
  ],
  options: Options,
  calibrated: 'logit',
  formula: 'ln p(true) − ln p(false), the logit of P(True)',
  source: 'Kadavath et al., arXiv 2207.05221',
  cost: 'the weak model’s answer, and one reading of the question with it',
})
export class PTrue implements Router<Signals> {
  readonly score = ({ signals: { choiceLogprobs: logprobs } }: RouterInput<Signals>): number =>
    logprobs[0]! - logprobs[1]!;
}

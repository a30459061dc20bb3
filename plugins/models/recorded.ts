import { createHash } from 'node:crypto';
import { inject, model, OPTIONS, z, type Model, type ModelInfo } from '../../core/index.js';

const Options = z.strictObject({
  /**
   * The name by which the datasets know it: `rxb prepare` lists the names where it is not among
   * them.
   */
  model: z.string().min(1),
  /**
   * US dollars per million tokens, for outcomes whose cost was not recorded but whose tokens were.
   */
  price: z.strictObject({ prompt: z.number().min(0), completion: z.number().min(0) }).optional(),
});
type Options = z.output<typeof Options>;

/**
 * A model that was asked before, elsewhere: its answers, grades and costs are those that the
 * datasets hold. It is never asked and gives no signals.
 */
@model({
  name: 'recorded',
  summary: 'A model whose outcomes the datasets hold: it is never asked',
  options: Options,
})
export class RecordedModel implements Model {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  readonly info = (): Promise<ModelInfo> => {
    const { model: name, price } = this.options;
    const fingerprint = createHash('sha256')
      .update(JSON.stringify(['recorded', name, price ?? null]))
      .digest('hex');
    return Promise.resolve({
      name,
      fingerprint,
      can: [],
      recorded: { name, ...(price === undefined ? {} : { price }) },
    });
  };
}

import { createHash } from 'node:crypto';
import { inject, model, OPTIONS, z, type Model, type ModelInfo } from '../../core/index.js';

const Options = z.strictObject({
  /** Its name in the datasets: if no dataset has it, `rxb prepare` lists the names that exist. */
  model: z.string().min(1),
  /** US dollars per million tokens, for outcomes that record tokens but no cost. */
  price: z.strictObject({ prompt: z.number().min(0), completion: z.number().min(0) }).optional(),
});
type Options = z.output<typeof Options>;

/**
 * A model whose outcomes were recorded elsewhere: its answers, grades and costs are part of the
 * datasets. It receives no requests and gives no signals.
 */
@model({
  name: 'recorded',
  summary: 'A model whose outcomes are part of the datasets; it receives no requests',
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

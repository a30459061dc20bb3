import {
  classLogits,
  embedding,
  inject,
  OPTIONS,
  router,
  z,
  type FitContext,
  type FitData,
  type Router,
  type RouterInput,
  type Weights,
} from '../../core/index.js';
import { EmbeddingOptions, getEmbedding } from './_embedding/vector.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';
import { newClassifierLayers } from './_fit/layers.js';
import { TRAINING_SEARCH } from './_fit/search.js';
import { RouterError } from './_errors.js';

/**
 * The head on a frozen encoder: batch size of fine-tuning, learning rate for layers that start
 * untrained.
 */
const Head = HeadOptions.omit({ hidden: true }).extend({
  ...EmbeddingOptions.shape,
  learningRate: z.number().positive().default(1e-3),
  batchSize: z.int().positive().default(16),
});

const Options = Head.extend({
  /**
   * A fine-tuned classifier of the config's models; default: a head is fitted on `model`, whose
   * weights stay as they are.
   */
  classifier: z.string().min(1).optional(),
}).superRefine(({ classifier, ...rest }, context) => {
  if (classifier === undefined) return;
  const defaults: Readonly<Record<string, unknown>> = Head.parse({});
  for (const [name, value] of Object.entries(rest)) {
    if (JSON.stringify(value) === JSON.stringify(defaults[name])) continue;
    context.addIssue({
      code: 'custom',
      path: [name],
      message: `it belongs to a fitted head, and the classifier "${classifier}" has its own; leave it out`,
    });
  }
});
type Options = z.infer<typeof Options>;

interface Signals {
  readonly embedding: Float32Array;
  readonly classLogits: Float32Array;
}

/**
 * The logit of class 1 relative to class 0: softmax of the two is its sigmoid.
 * @throws HarnessError RXB6309 for three or more classes.
 */
function computeLogit(model: string, { signals }: RouterInput<Signals>): number {
  const [first = NaN, second] = signals.classLogits;
  if (signals.classLogits.length > 2)
    throw new RouterError('wrongClassCount', { model, classes: signals.classLogits.length });
  return second === undefined ? first : second - first;
}

/**
 * DeBERTa's classifier on the query text. On a frozen encoder the harness fits its head: a dense
 * layer of the encoder's width with GELU, dropout, a linear layer, on the mean of the last hidden
 * state. With `classifier` it is a whole classifier, fine-tuned by `rxb finetune`.
 */
@router({
  name: 'deberta',
  summary: 'DeBERTa’s classifier: its head fitted on a frozen encoder, or all of it fine-tuned',
  aliases: ['trained_deberta'],
  needs: (options: Options) => [
    options.classifier === undefined
      ? embedding({ model: options.model })
      : classLogits({ model: options.classifier }),
  ],
  options: Options,
  search: TRAINING_SEARCH,
  calibrated: 'logit',
  formula: 'w · gelu(Wx + b) + c of the embedding x; with `classifier` z₁ − z₀ of its two logits',
  source: 'DeBERTaV3, arXiv 2111.09543; as a router in RouterXBench, arXiv 2602.11877',
  cost: 'one reading of the query by the encoder',
})
export class Deberta implements Router<Signals> {
  readonly fit?: (
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ) => Promise<Weights>;
  readonly restore?: (weights: Weights) => void;
  readonly score: (input: RouterInput<Signals>) => number;

  constructor(@inject(OPTIONS) options: Options) {
    const { classifier } = options;
    if (classifier !== undefined) {
      this.score = (input) => computeLogit(classifier, input);
      return;
    }
    const form = {
      activation: 'gelu',
      hidden: (dim: number) => [dim],
      start: newClassifierLayers,
    } as const;
    const head = new FittedHead<Signals>('deberta', { ...options, hidden: [] }, getEmbedding, form);
    this.fit = async (train, validation, context) => await head.fit(train, validation, context);
    this.restore = (weights) => head.restore(weights);
    this.score = (input) => head.score(input);
  }
}

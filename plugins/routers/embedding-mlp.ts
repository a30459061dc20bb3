import { inject, OPTIONS, router, z, type Router } from '../../core/index.js';
import {
  embeddingNeeds,
  EmbeddingOptions,
  getEmbedding,
  type EmbeddingSignals,
} from './_embedding/vector.js';
import { engineFindings } from './_fit/engine.js';
import { HEAD_SEARCH } from './_fit/search.js';
import { FittedHead, HeadOptions } from './_fit/head-router.js';

const Layers = z.array(z.int().positive());
const EPOCHS = 50;

/**
 * Upstream's settings: two hidden layers, a fixed number of epochs, a constant learning rate. The
 * epoch with the best validation loss is kept.
 */
const Options = HeadOptions.extend({
  ...EmbeddingOptions.shape,
  hidden: Layers.default([256, 64]),
  standardize: z.boolean().default(true),
  learningRate: z.number().positive().default(1e-3),
  epochs: z.int().positive().default(EPOCHS),
  plateau: HeadOptions.shape.plateau.unwrap().prefault({ patience: EPOCHS }),
  earlyStop: HeadOptions.shape.earlyStop.unwrap().prefault({ patience: EPOCHS }),
});
type Options = z.infer<typeof Options>;

/**
 * A small network on the embedding of the query, z-scored in training and in scoring (upstream
 * scores raw inputs).
 */
@router({
  name: 'embedding-mlp',
  version: 2,
  summary: 'A small network on the z-scored query embedding',
  aliases: ['embedding_mlp'],
  needs: embeddingNeeds,
  options: Options,
  search: HEAD_SEARCH,
  environment: engineFindings,
  calibrated: 'logit',
  formula: 'MLP(z): hidden layers of 256 and 64 with ReLU',
  source: 'RouterXBench, arXiv 2602.11877',
  cost: 'one embedding of the query',
})
export class EmbeddingMlp extends FittedHead<EmbeddingSignals> implements Router<EmbeddingSignals> {
  constructor(@inject(OPTIONS) options: Options) {
    super('embedding-mlp', options, getEmbedding);
  }
}

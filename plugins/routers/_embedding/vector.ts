/**
 * What every router over an embedding shares: its option, its request, and looking at the vector.
 */
import {
  embedding,
  HarnessError,
  z,
  type RouterInput,
  type SignalRequest,
} from '../../../core/index.js';

/** The signals of a router over an embedding: Float32Array[dim] of the query text. */
export interface EmbeddingSignals {
  readonly embedding: Float32Array;
}

/** The option of every router over an embedding. */
export const EmbeddingOptions = z.strictObject({
  /** The entry of the config's `models` that embeds the queries. */
  model: z.string().min(1).default('encoder'),
});

/** What they need, given their options. */
export const embeddingNeeds = ({
  model,
}: {
  readonly model: string;
}): readonly [SignalRequest<'embedding', Float32Array>] => [embedding({ model })];

/** The embedding of a query: Float32Array[dim]. */
export const getEmbedding = ({ signals }: RouterInput<EmbeddingSignals>): Float32Array =>
  signals.embedding;

/** Throws RXB6006 where a router that was fitted on vectors of one width is given another. */
export function checkWidth(router: string, fitted: number, given: number): void {
  if (given !== fitted)
    throw new HarnessError('weightsMismatch', {
      folder: 'the weights',
      router,
      problem: `fitted on ${fitted} features, given ${given}`,
    });
}

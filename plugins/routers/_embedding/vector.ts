/** Shared by all routers on an embedding: their option, their request, and access to the vector. */
import {
  embedding,
  HarnessError,
  z,
  type RouterInput,
  type SignalRequest,
} from '../../../core/index.js';

/** The signals of a router on an embedding: Float32Array[dim] of the query text. */
export interface EmbeddingSignals {
  readonly embedding: Float32Array;
}

/** The option of every router on an embedding. */
export const EmbeddingOptions = z.strictObject({
  /** The entry of the config's `models` that embeds the queries. */
  model: z.string().min(1).default('encoder'),
});

/** The signal requests for these options. */
export const embeddingNeeds = ({
  model,
}: {
  readonly model: string;
}): readonly [SignalRequest<'embedding', Float32Array>] => [embedding({ model })];

/** The embedding of a query: Float32Array[dim]. */
export const getEmbedding = ({ signals }: RouterInput<EmbeddingSignals>): Float32Array =>
  signals.embedding;

/**
 * Checks that an embedding has the width that the router was fitted on.
 * @throws HarnessError RXB6006
 */
export function checkWidth(router: string, fitted: number, given: number): void {
  if (given !== fitted)
    throw new HarnessError('weightsMismatch', {
      folder: 'the weights',
      router,
      problem: `fitted on ${fitted} features, given ${given}`,
    });
}

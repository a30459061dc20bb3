import type { Generated } from '../contracts.js';
import type { SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';
import { getSamples } from './samples.js';

/** Embeddings of n samples: Float32Array[n · dim], row by row. */
export interface SampleEmbeddings {
  readonly n: number;
  readonly dim: number;
  readonly values: Float32Array;
}

/** Embeddings of the texts of a `samples` request. Default model of the config: `encoder`. */
export function sampleEmbeddings(settings: {
  readonly of: SignalRequest<string, readonly Generated[]>;
  readonly model?: string;
}): SignalRequest<'sampleEmbeddings', SampleEmbeddings> {
  const params = { of: settings.of.params, model: settings.model ?? 'encoder' };
  return { kind: 'sample-embeddings', key: 'sampleEmbeddings', params };
}

export const sampleEmbeddingsSignal = {
  kind: 'sample-embeddings',
  title: 'embeddings of samples',
  method: 'embed',
  ability: 'embedding',
  samples: getSamples,
  // equal texts are embedded once
  promptsPerRow: (n) => ({ low: 1, expected: n, high: n }),
  shape: (model, params) => [Number(getSamples(params).params['n']), model.embedding?.dim ?? 0],
  numbers: {
    split: ({ n, dim, values }: SampleEmbeddings) => ({ shape: [n, dim], values }),
    join: ({ shape, values }) => ({ n: shape[0], dim: shape[1], values }),
  },
} as const satisfies SignalDefinition;

import type { Generated } from '../contracts.js';
import type { SignalDefinition } from './definition.js';
import type { SignalRequest } from './requests.js';
import { getSamples } from './samples.js';

/**
 * n × n judgements between samples, row by row: values[i·n + j] is 1 where sample i entails sample
 * j, 0 where it does not, and NaN where the model's reply was neither yes nor no.
 */
export interface Entailment {
  readonly n: number;
  readonly values: Float32Array;
}

/**
 * What `entailment` needs to know. `template` holds `{query}`, `{first}` and `{second}` and asks
 * whether the first text entails the second, to be answered with yes or no.
 */
export interface EntailmentSettings {
  readonly of: SignalRequest<string, readonly Generated[]>;
  readonly template: string;
  readonly model?: string;
  readonly maxTokens?: number;
}

/**
 * Whether samples of a request entail each other: every pair in both directions, judged by a model
 * (default `weak`, greedy, 8 tokens). Equal texts are not compared, and equal pairs asked once.
 */
export function entailment(settings: EntailmentSettings): SignalRequest<'entailment', Entailment> {
  const { of: under, template, model = 'weak', maxTokens = 8 } = settings;
  const params = { of: under.params, template, model, maxTokens, temperature: 0 };
  return { kind: 'entailment', key: 'entailment', params };
}

/** The judgements as they are stored: null where a reply was neither yes nor no. */
export interface StoredEntailment {
  readonly n: number;
  readonly values: readonly (number | null)[];
}

export const entailmentSignal = {
  kind: 'entailment',
  method: 'generate',
  ability: 'generate',
  samples: getSamples,
  countsUnread: true,
  // equal texts are not compared
  promptsPerRow: (n) => ({ low: 0, expected: (n * (n - 1)) / 2, high: n * (n - 1) }),
  readRow: ({ n, values }: StoredEntailment) => ({
    n,
    values: Float32Array.from(values, (x) => x ?? NaN),
  }),
  numbers: {
    split: ({ n, values }: Entailment) => ({ shape: [n, n], values }),
    join: ({ shape, values }) => ({ n: shape[0], values }),
  },
} as const satisfies SignalDefinition;

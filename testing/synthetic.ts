/**
 * Synthetic signals of every kind. Those of label 1 and label 0 differ, so that a fitted router has
 * something to learn.
 */
import type { FitData, FitRow, Generated, RouterInput } from '../core/contracts.js';
import { answerSignal } from '../core/signals/answer.js';
import { choiceLogprobsSignal } from '../core/signals/choice-logprobs.js';
import { classLogitsSignal } from '../core/signals/class-logits.js';
import type { SignalDefinition } from '../core/signals/definition.js';
import { embeddingSignal } from '../core/signals/embedding.js';
import { entailmentSignal } from '../core/signals/entailment.js';
import { hiddenStatesSignal } from '../core/signals/hidden-states.js';
import { logitsSignal } from '../core/signals/logits.js';
import { replySignal } from '../core/signals/reply.js';
import type { SignalRequest } from '../core/signals/requests.js';
import { sampleEmbeddingsSignal } from '../core/signals/sample-embeddings.js';
import { samplesSignal } from '../core/signals/samples.js';
import { getSignal } from '../core/signals/table.js';
import { seededRandom, type Random } from '../core/util/random.js';

/** Makes the value of a signal for a row with that label. */
export type SignalMaker = (request: SignalRequest, random: Random, label: 0 | 1) => unknown;

/** A labelled row with signals of any kind. */
export type SyntheticRow = FitRow<Readonly<Record<string, unknown>>>;

const VOCABULARY = 24;
const LAYERS = 5;
const DIM = 8;
const EMBEDDING = 12;
const NOISE = 0.5;

const text = (random: Random, label: 0 | 1): Generated => {
  const tokens = 3 + random.int(0, 3);
  const logprob = (): number => -Math.abs(random.normal()) * (label === 1 ? 0.2 : 1.5);
  return {
    text: `${label === 1 ? 90 : 20 + random.int(0, 20)}`,
    tokenLogprobs: Array.from({ length: tokens }, logprob),
  };
};

/** Two clusters with their centres at ±1 along a fixed direction. */
const cloud = (length: number, random: Random, label: 0 | 1): Float32Array =>
  Float32Array.from(
    { length },
    (_, i) => random.normal() * NOISE + (label === 1 ? 1 : -1) * (i % 2 === 0 ? 1 : -0.5),
  );

type ParamsMaker = (params: SignalRequest['params'], random: Random, label: 0 | 1) => unknown;

/** The number of samples that a request is about. */
const getSampleCount = ({ of: under }: SignalRequest['params']): number =>
  Number((under as { readonly n?: number }).n ?? 3);

const makeText: ParamsMaker = (_params, random, label) => text(random, label);

/** A maker for each kind of signal. */
const MAKERS: ReadonlyMap<SignalDefinition, ParamsMaker> = new Map<SignalDefinition, ParamsMaker>([
  [
    logitsSignal,
    (_params, random, label) => {
      const z = Float32Array.from({ length: VOCABULARY }, () => random.normal());
      z[random.int(0, VOCABULARY - 1)] = label === 1 ? 8 + random.float() : 2 + random.float();
      return z;
    },
  ],
  [
    hiddenStatesSignal,
    (_params, random, label) => {
      // Label 1 rows also grow with the layers, so that lengths and angles tell as well.
      const values = new Float32Array(LAYERS * DIM);
      for (let layer = 0; layer < LAYERS; layer++)
        values.set(
          cloud(DIM, random, label).map((x) => x * (1 + layer * (label === 1 ? 0.5 : 0.1))),
          layer * DIM,
        );
      return { layers: LAYERS, dim: DIM, values };
    },
  ],
  [embeddingSignal, (_params, random, label) => cloud(EMBEDDING, random, label)],
  [
    classLogitsSignal,
    (_params, random, label) => {
      const logit = (label === 1 ? 1 : -1) + NOISE * random.normal();
      return Float32Array.of(-logit / 2, logit / 2);
    },
  ],
  [answerSignal, makeText],
  [replySignal, makeText],
  [
    samplesSignal,
    ({ n }, random, label) =>
      Array.from({ length: Number(n) }, (_, i) =>
        label === 1 ? text(random, 1) : { ...text(random, 0), text: `${i} ${random.int(0, 99)}` },
      ),
  ],
  [
    sampleEmbeddingsSignal,
    (params, random, label) => {
      const n = getSampleCount(params);
      const rowVector = cloud(EMBEDDING, random, label);
      const values = new Float32Array(n * EMBEDDING);
      for (let i = 0; i < n; i++)
        values.set(
          label === 1 ? rowVector : cloud(EMBEDDING, random, random.float() < 0.5 ? 1 : 0),
          i * EMBEDDING,
        );
      return { n, dim: EMBEDDING, values };
    },
  ],
  [
    choiceLogprobsSignal,
    (params, random, label) => {
      const choices = (params['choices'] as readonly string[]).length;
      const weights = Array.from(
        { length: choices },
        (_, i) => random.float() + ((i === 0) === (label === 1) ? 3 : 0),
      );
      const sum = weights.reduce((a, b) => a + b, 0);
      return Float32Array.from(weights, (w) => Math.log(w / sum));
    },
  ],
  [
    entailmentSignal,
    (params, random, label) => {
      const n = getSampleCount(params);
      return {
        n,
        values: Float32Array.from({ length: n * n }, (_, index) =>
          index % (n + 1) === 0 || label === 1 ? 1 : random.float() * 0.5,
        ),
      };
    },
  ],
]);

/** The maker that the suites use where the caller gives none. */
export const syntheticSignal: SignalMaker = (request, random, label) => {
  const make = MAKERS.get(getSignal(request));
  if (make === undefined) throw new Error(`no values are made up for signals "${request.kind}"`);
  return make(request.params, random, label);
};

/**
 * Rows with random labels, half of each; label 0 has the longer queries. `flip` inverts every
 * label.
 */
export function syntheticRows(
  needs: readonly SignalRequest[],
  count: number,
  seed: number,
  make: SignalMaker = syntheticSignal,
  flip = false,
): readonly SyntheticRow[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (): SyntheticRow => {
    const truth = random.float() < 0.5 ? 1 : 0;
    const flipped = truth === 1 ? 0 : 1;
    const words = random.int(2, 6) + (truth === 1 ? 0 : 8);
    return {
      query: {
        text: Array.from({ length: words }, () =>
          random.pick(['one', 'two', 'apples', 'red', 'what', 'is']),
        ).join(' '),
      },
      signals: Object.fromEntries(
        needs.map((request) => [request.key, make(request, random, truth)]),
      ),
      label: flip ? flipped : truth,
    };
  });
}

/** Rows as the harness passes them to `fit`. */
export function buildFitData(rows: readonly SyntheticRow[], blockRows = 64): FitData<object> {
  return {
    rows: rows.length,
    async *blocks() {
      for (let from = 0; from < rows.length; from += blockRows)
        yield await Promise.resolve(rows.slice(from, from + blockRows));
    },
  };
}

const edges = (value: unknown, params: SignalRequest['params']): readonly unknown[] => {
  if (value instanceof Float32Array) {
    const fills = [0, 1, -1, 1e30, -1e30].map((x) => new Float32Array(value.length).fill(x));
    const mixed = Float32Array.from(value, (_, i) => (i === 0 ? 1e30 : -1e30));
    return [...fills, mixed, new Float32Array(value.length).fill(1e-38)];
  }
  if (Array.isArray(value))
    return [
      value.map(() => ({ text: '', tokenLogprobs: [] })),
      value.map(() => ({ text: 'same', tokenLogprobs: [0] })),
    ];
  if (typeof value === 'object' && value !== null && 'values' in value)
    return edges(value.values, params).map((values) => ({ ...value, values }));
  const texts = [
    '',
    ' ',
    'I cannot say.',
    '100',
    '-5',
    '1e999',
    '\\boxed{}',
    '[[',
    'x'.repeat(100_000),
    '\u0000\uD800',
  ];
  return texts.map((one) => ({ text: one, tokenLogprobs: one === '' ? [] : [-1e9, 0] }));
};

/** Extreme inputs: zeros, constants, huge values, empty texts. Shapes are those of `like`. */
export function edgeInputs(
  needs: readonly SignalRequest[],
  like: RouterInput<object>,
): readonly RouterInput<object>[] {
  const signals = like.signals as Readonly<Record<string, unknown>>;
  const inputs: RouterInput<object>[] = ['', ' ', '\u0000\uD800', 'x'.repeat(100_000)].map(
    (one) => ({ query: { text: one }, signals }),
  );
  for (const { key, params } of needs)
    for (const value of edges(signals[key], params))
      inputs.push({ query: like.query, signals: { ...signals, [key]: value } });
  return inputs;
}

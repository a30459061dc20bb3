import {
  entailment,
  inject,
  OPTIONS,
  router,
  sampleEmbeddings,
  samples,
  z,
  type Confidence,
  type Entailment,
  type Generated,
  type Router,
  type RouterInput,
  type SampleEmbeddings,
  type SignalRequest,
} from '../../core/index.js';
import { discreteEntropy, weightedEntropy } from './_text/cluster-entropy.js';
import { clusterByMeaning, clusterBySimilarity } from './_text/clusters.js';
import { cosine } from './_text/cosine.js';
import { buildMatcher } from './_text/matching-ratio.js';
import { meanLogprob } from './_text/mean-logprob.js';
import { template } from './_text/template.js';

const THRESHOLD = { lexical: 0.7, embedding: 0.9, entailment: 0.5 } as const;

const ENTAILS = `A question was asked:
{query}

Answer 1: {first}
Answer 2: {second}

Suppose that answer 1 is what was meant. Does answer 2 then follow from it, as an answer to this question? Reply with yes or no only.`;

const Options = z.strictObject({
  /** Sampled answers per query. */
  n: z.int().min(2).default(5),
  temperature: z.number().positive().default(0.7),
  maxTokens: z.int().positive().default(512),
  seed: z.int().default(0),
  /**
   * How answers are compared: by their characters, by their embeddings, or by a model's judgement
   * that each follows from the other.
   */
  by: z.enum(['lexical', 'embedding', 'entailment']).default('lexical'),
  /**
   * Similarity above which two answers are the same: default 0.7 for `lexical`, 0.9 (cosine) for
   * `embedding`; a judgement counts as yes above 0.5.
   */
  threshold: z.number().min(0).max(1).optional(),
  /** Probability of a cluster: its share of the samples, or their likelihood. */
  estimate: z.enum(['discrete', 'likelihood']).default('discrete'),
  /**
   * The entry of the config's `models` that embeds (default `encoder`) or judges (default `weak`).
   */
  model: z.string().min(1).optional(),
  /** The question about entailment. */
  template: template(ENTAILS, ['first', 'second']),
});
type Options = z.infer<typeof Options>;

interface Signals {
  readonly samples: readonly Generated[];
  readonly sampleEmbeddings?: SampleEmbeddings;
  readonly entailment?: Entailment;
}

type Needs =
  | readonly [SignalRequest<'samples', readonly Generated[]>]
  | readonly [
      SignalRequest<'samples', readonly Generated[]>,
      SignalRequest<'sampleEmbeddings', SampleEmbeddings>,
    ]
  | readonly [
      SignalRequest<'samples', readonly Generated[]>,
      SignalRequest<'entailment', Entailment>,
    ];

const needs = ({ n, temperature, maxTokens, seed, by, model, template: asked }: Options): Needs => {
  const sampleRequest = samples({ n, temperature, maxTokens, seed });
  const other = model === undefined ? {} : { model };
  if (by === 'embedding') return [sampleRequest, sampleEmbeddings({ of: sampleRequest, ...other })];
  return by === 'entailment'
    ? [sampleRequest, entailment({ of: sampleRequest, template: asked, ...other })]
    : [sampleRequest];
};

/**
 * Samples answers, groups those that mean the same into clusters, and computes the entropy over
 * clusters: a model that knows the answer repeats it.
 */
@router({
  name: 'semantic-entropy',
  summary: 'Minus the entropy over clusters of sampled answers that say the same',
  aliases: ['semantic_entropy'],
  batches: ['self_based'],
  needs,
  options: Options,
  formula:
    '−H(clusters of the samples), natural logarithm; clusters by letters, embeddings or mutual entailment',
  source: 'RouterXBench, arXiv 2602.11877; Farquhar et al., Nature 630 (2024)',
  cost: '5 sampled answers of the weak model; by embedding also their embeddings, by entailment up to n(n − 1) replies of a model',
})
export class SemanticEntropy implements Router<Signals> {
  constructor(@inject(OPTIONS) private readonly options: Options) {}

  /**
   * Null if a required judgement could not be read, or if a sample without tokens has to be
   * weighted.
   */
  readonly score = ({ signals }: RouterInput<Signals>): Confidence => {
    const clusters = this.#clusters(signals);
    if (clusters === null) return null;
    if (this.options.estimate === 'discrete') return 0 - discreteEntropy(clusters);
    const logprobs = signals.samples.map(meanLogprob);
    return logprobs.every((logprob) => logprob !== null)
      ? 0 - weightedEntropy(clusters, logprobs)
      : null;
  };

  #clusters(signals: Signals): readonly number[] | null {
    const { samples: given } = signals;
    const threshold = this.options.threshold ?? THRESHOLD[this.options.by];
    if (this.options.by === 'embedding') {
      const { dim, values } = signals.sampleEmbeddings as SampleEmbeddings;
      return clusterBySimilarity(
        given.length,
        (sample, first) => cosine(values, dim, sample, first),
        threshold,
      );
    }
    if (this.options.by === 'entailment') {
      const { n, values } = signals.entailment as Entailment;
      return clusterByMeaning(n, (sample, first) => {
        const forward = values[sample * n + first]!;
        const backward = values[first * n + sample]!;
        if (forward <= threshold || backward <= threshold) return false; // one no is enough
        return Number.isNaN(forward) || Number.isNaN(backward) ? null : true;
      });
    }
    const lower = given.map(({ text }) => text.toLowerCase());
    const matchers = new Map<number, (text: string) => number>();
    const ratio = (sample: number, first: number): number => {
      const matcher = matchers.get(first) ?? buildMatcher(lower[first] as string);
      matchers.set(first, matcher);
      return matcher(lower[sample] as string);
    };
    return clusterBySimilarity(given.length, ratio, threshold);
  }
}

/**
 * Base of routers that fit a head on a vector of features: read, optionally standardise, train,
 * restore, score.
 */
import { z } from 'zod';
import {
  HarnessError,
  seededRandom,
  type FitContext,
  type FitData,
  type RouterInput,
  type Weights,
} from '../../../core/index.js';
import { headMaker, Trainer } from './head-maker.js';
import { withKernel, type Kernel } from './kernel/kernel.js';
import type { Activation } from './activation.js';
import { forward, layersFrom, newLayers, type Layer } from './layers.js';
import { openParts } from './rows.js';
import { TrainingOptions } from './schedule.js';
import { computeStandard, standardTensors } from './standardise.js';
import { train } from './train.js';
import { standardised, type Standard } from './standard.js';

/** Options of every fitted head. */
export const HeadOptions = TrainingOptions.extend({
  /** Widths of hidden layers; empty = a linear head. */
  hidden: z.array(z.int().positive()).default([]),
  dropout: z.number().min(0).lt(1).default(0.1),
  /**
   * z-score the features with the mean and spread of the training rows, in training and in scoring.
   */
  standardize: z.boolean().default(false),
  /** What trains the head. */
  trainer: Trainer.default('auto'),
});
/** Options of every fitted head. */
export type HeadOptions = z.infer<typeof HeadOptions>;

/** Settings of a head that differ from upstream's. */
export interface HeadForm {
  readonly activation: Activation;
  /** Widths of the hidden layers for a given number of features. */
  readonly hidden: (dim: number) => readonly number[];
  readonly start: typeof newLayers;
}

/**
 * A head on features that `featuresOf` computes from a query: Float32Array[dim]. Its output is the
 * logit of P(weak is right).
 */
export class FittedHead<Signals> {
  #layers: readonly Layer[] | undefined;
  #standard: Standard | undefined;

  constructor(
    private readonly name: string,
    private readonly options: HeadOptions,
    private readonly getFeatures: (input: RouterInput<Signals>) => ArrayLike<number>,
    private readonly form: HeadForm = {
      activation: 'relu',
      hidden: () => options.hidden,
      start: newLayers,
    },
  ) {}

  async fit(
    train: FitData<Signals>,
    validation: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> {
    context.signal.throwIfAborted();
    return await withKernel((kernel) => this.#fit(kernel, train, validation, context));
  }

  async #fit(
    kernel: Kernel,
    trainData: FitData<Signals>,
    validationData: FitData<Signals>,
    context: FitContext,
  ): Promise<Weights> {
    const getVectors = (
      input: RouterInput<Signals>,
    ): { layers: number; dim: number; values: ArrayLike<number> } => {
      const values = this.getFeatures(input);
      return { layers: 1, dim: values.length, values };
    };
    const { rows, validation } = await openParts(
      kernel,
      trainData,
      validationData,
      getVectors,
      this.options.memory,
    );
    const standard = this.options.standardize ? await computeStandard(rows) : undefined;
    if (standard !== undefined)
      for (const part of [rows, validation]) await part.standardise(standard);
    const { trainer, make } = await headMaker(this.options.trainer);
    const model = make(
      kernel,
      this.form.start(
        [rows.dim, ...this.form.hidden(rows.dim), 1],
        seededRandom(context.seed).fork('start'),
      ),
      { ...this.options, activation: this.form.activation },
    );
    const history = await train(this.name, model, rows, validation, this.options, context);
    return {
      tensors: { ...model.tensors(), ...(standard === undefined ? {} : standardTensors(standard)) },
      meta: { trainer, ...history },
    };
  }

  restore(weights: Weights): void {
    this.#layers = layersFrom(weights, this.name);
    const [mean, spread] = [weights.tensors['standard.mean'], weights.tensors['standard.spread']];
    this.#standard =
      mean === undefined || spread === undefined
        ? undefined
        : { mean: mean.data, spread: spread.data };
  }

  score(input: RouterInput<Signals>): number {
    if (this.#layers === undefined) throw new Error(`${this.name} has no weights yet`);
    const features = this.getFeatures(input);
    const wanted = this.#layers[0]?.weight.shape[1];
    if (features.length !== wanted)
      throw new HarnessError('weightsMismatch', {
        folder: 'the weights',
        router: this.name,
        problem: `fitted on ${String(wanted)} features, given ${features.length}`,
      });
    return forward(
      this.#layers,
      this.#standard === undefined ? features : standardised(this.#standard, features),
      this.form.activation,
    );
  }
}

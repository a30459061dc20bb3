/**
 * A router in a separate process, as the stages use it: the same members as any router, implemented
 * by the plugin protocol.
 */
import type { Confidence, FitContext, FitData, RouterInput, Weights } from '../core/contracts.js';
import type { RouterInstance, TimedConfidences } from '../core/router-instance.js';
import { answerFit } from './host-fit.js';
import { expectMessage } from './messages.js';
import { BLOCKS_AT_ONCE, type Program } from './plugin-program.js';
import { packBlock } from './signal-block.js';
import { packWeights } from './tensors.js';
import type { IsolatedRouterPlan } from './isolated-router-plan.js';

/**
 * A value as the plugin returned it, or the words for one that JSON cannot represent, which the
 * check of confidences rejects.
 */
const decodeConfidence = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'bad' in value ? String(value.bad) : value;

/** One such router; its process starts with the first call and ends with `close`. */
export class IsolatedRouter implements RouterInstance {
  readonly fit?: (
    train: FitData<object>,
    validation: FitData<object>,
    context: FitContext,
  ) => Promise<Weights>;
  readonly restore?: (weights: Weights) => Promise<void>;
  readonly blocksAtOnce = BLOCKS_AT_ONCE;
  #program: Promise<Program> | undefined;

  constructor(private readonly plan: IsolatedRouterPlan) {
    if (!plan.fitted) return;
    this.fit = async (train, validation, context) =>
      await answerFit(await this.#started(), plan, train, validation, context);
    this.restore = async (weights) => {
      const { header, payload } = packWeights(weights);
      await (
        await this.#started()
      ).request(
        { header: { type: 'restore', ...header }, payload },
        'restoring',
        plan.settings.scoreSeconds,
        ({ message }) => expectMessage(message, 'restored', failure),
      );
    };
  }

  readonly scoreTimed = async (
    inputs: readonly RouterInput<object>[],
  ): Promise<TimedConfidences> => {
    const program = await this.#started();
    const { release, ...outgoing } = program.block(
      packBlock(this.plan.needs, inputs, { type: 'score' }),
    );
    try {
      const response = await program.request(
        outgoing,
        'scoring',
        this.plan.settings.scoreSeconds,
        ({ message }) => expectMessage(message, 'scored', failure),
      );
      const confidences = Array.isArray(response.confidences)
        ? response.confidences.map(decodeConfidence)
        : decodeConfidence(response.confidences);
      return {
        confidences: confidences as readonly Confidence[],
        milliseconds: response.milliseconds ?? [],
      };
    } finally {
      release();
    }
  };

  readonly scoreBatch = async (
    inputs: readonly RouterInput<object>[],
  ): Promise<readonly Confidence[]> => (await this.scoreTimed(inputs)).confidences;

  readonly close = async (): Promise<void> => {
    const started = this.#program;
    this.#program = undefined;
    // one that did not start has ended already
    await (await started?.catch(() => undefined))?.close();
  };

  #started(): Promise<Program> {
    return (this.#program ??= this.plan.start());
  }
}

const failure = ({ message }: { readonly message: string }): Error => new Error(message);

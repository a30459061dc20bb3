/**
 * A router in a separate process, as the stages use it: the same members as any router, implemented
 * by the plugin protocol.
 */
import type { Confidence, FitContext, FitData, RouterInput, Weights } from '../core/contracts.js';
import type { RouterInstance, TimedConfidences } from '../core/router-instance.js';
import { BlockSizer } from './block-sizer.js';
import { answerFit } from './host-fit.js';
import { expectMessage, plainText } from './messages.js';
import { BLOCKS_AT_ONCE, type Program, type TimeLimit } from './plugin-program.js';
import { toFailure } from './plugin-thrown.js';
import { packBlock } from './signal-block.js';
import { packWeights } from './tensors.js';
import type { IsolatedRouterPlan } from './isolated-router-plan.js';

/**
 * A value as the plugin returned it, or the words for one that JSON cannot represent, which the
 * check of confidences rejects.
 */
const decodeConfidence = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const words = 'bad' in value && typeof value.bad === 'string' ? value.bad : JSON.stringify(value);
  return plainText(words).slice(0, MOST_WORDS);
};
/** Characters of a value that is no confidence, in an error. */
const MOST_WORDS = 100;

/** Times of rows cannot be longer than that of their block, except for what clocks differ. */
const MOST_STRETCH = 1.1;
const MOST_EXTRA_MS = 100;

/** Why times that a program says are none of these rows; undefined if they may be. */
function findTimeProblem(
  times: readonly number[],
  rows: number,
  elapsed: number,
): string | undefined {
  if (times.length !== 0 && times.length !== rows)
    return `it sent ${times.length} times for ${rows} rows`;
  const most = elapsed * MOST_STRETCH + MOST_EXTRA_MS;
  return times.reduce((sum, time) => sum + time, 0) > most
    ? `it says that rows took longer than the ${elapsed.toFixed(0)} ms that passed`
    : undefined;
}

/** One such router; its process starts with the first call and ends with `close`. */
export class IsolatedRouter implements RouterInstance {
  readonly fit?: (
    train: FitData<object>,
    validation: FitData<object>,
    context: FitContext,
  ) => Promise<Weights>;
  readonly restore?: (weights: Weights) => Promise<void>;
  readonly blocksAtOnce = BLOCKS_AT_ONCE;
  #printed = '';
  readonly #sizer: BlockSizer;
  #first: Promise<unknown> = Promise.resolve();
  #program: Promise<Program> | undefined;

  constructor(private readonly plan: IsolatedRouterPlan) {
    this.#sizer = new BlockSizer(1000 * plan.settings.scoreSeconds);
    if (!plan.fitted) return;
    this.fit = async (train, validation, context) =>
      await answerFit(await this.#started(), plan, train, validation, context);
    this.restore = async (weights) => {
      const { header, payload } = packWeights(weights);
      await (
        await this.#started()
      ).request(
        { header: { type: 'restore', ...header }, payload },
        this.#limit('restoring'),
        ({ message }) => expectMessage(message, 'restored', this.#failure),
      );
    };
  }

  readonly scoreTimed = async (
    inputs: readonly RouterInput<object>[],
  ): Promise<TimedConfidences> => {
    const program = await this.#started();
    if (this.#sizer.isNew) return await this.#measured(inputs, program);
    return await this.#scoreAll(inputs, program);
  };

  /** The first block: those behind it wait until the router's speed is known. */
  async #measured(
    inputs: readonly RouterInput<object>[],
    program: Program,
  ): Promise<TimedConfidences> {
    const before = this.#first;
    const scored = before
      .catch(() => undefined) // reported by the block itself
      .then(async () => await this.#scoreAll(inputs, program));
    this.#first = scored;
    return await scored;
  }

  async #scoreAll(
    inputs: readonly RouterInput<object>[],
    program: Program,
  ): Promise<TimedConfidences> {
    const whole = inputs.length === 0 || this.#sizer.next(inputs.length) >= inputs.length;
    if (whole) return await this.#ask(inputs, program);
    const confidences: Confidence[] = [];
    const milliseconds: number[] = [];
    for (let from = 0; from < inputs.length;) {
      const part = inputs.slice(from, from + this.#sizer.next(inputs.length - from));
      const scored = await this.#ask(part, program);
      // a wrong number of confidences is reported for the block
      if (!Array.isArray(scored.confidences) || scored.confidences.length !== part.length)
        return part.length === inputs.length ? scored : { ...scored, confidences: [] };
      confidences.push(...scored.confidences);
      milliseconds.push(...scored.milliseconds);
      from += part.length;
    }
    return { confidences, milliseconds };
  }

  async #ask(inputs: readonly RouterInput<object>[], program: Program): Promise<TimedConfidences> {
    const { release, ...outgoing } = program.block(
      packBlock(this.plan.needs, inputs, { type: 'score' }),
    );
    const started = performance.now();
    try {
      const response = await program.request(outgoing, this.#limit('scoring'), ({ message }) =>
        expectMessage(message, 'scored', this.#failure),
      );
      const elapsed = performance.now() - started;
      this.#sizer.took(inputs.length, elapsed);
      const problem = findTimeProblem(response.milliseconds ?? [], inputs.length, elapsed);
      if (problem !== undefined) throw program.refuse(problem);
      const confidences = Array.isArray(response.confidences)
        ? Array.from(response.confidences as readonly unknown[], decodeConfidence)
        : decodeConfidence(response.confidences);
      return {
        confidences: confidences as readonly Confidence[],
        milliseconds: response.milliseconds ?? [],
      };
    } finally {
      release();
    }
  }

  readonly scoreBatch = async (
    inputs: readonly RouterInput<object>[],
  ): Promise<readonly Confidence[]> => (await this.scoreTimed(inputs)).confidences;

  readonly close = async (): Promise<void> => {
    const started = this.#program;
    this.#program = undefined;
    // one that did not start has ended already
    const program = await started?.catch(() => undefined);
    await program?.close();
    this.#printed += program?.printed ?? '';
  };

  /** What the plugin printed; complete once the router is closed. */
  get printed(): string {
    return this.#printed;
  }

  readonly #failure = (failed: Parameters<typeof toFailure>[0]): Error =>
    toFailure(failed, this.plan.title, this.plan.package);

  #limit(what: string): TimeLimit {
    return { what, seconds: this.plan.settings.scoreSeconds, option: 'scoreSeconds' };
  }

  #started(): Promise<Program> {
    return (this.#program ??= this.plan.start());
  }
}

/** What a router printed, if it runs in a process of its own. */
export const getPrinted = (instance: RouterInstance): string =>
  instance instanceof IsolatedRouter ? instance.printed : '';

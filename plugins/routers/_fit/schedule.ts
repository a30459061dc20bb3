/** When to lower the learning rate and when to stop, from one validation loss per epoch. */
import { z } from 'zod';

/** The defaults are upstream's settings for probes. */
export const TrainingOptions = z.strictObject({
  learningRate: z.number().positive().default(1e-4),
  batchSize: z.int().positive().default(32),
  epochs: z.int().positive().default(50),
  /**
   * The learning rate is multiplied by `factor` when the loss has not fallen for more than
   * `patience` epochs.
   */
  plateau: z
    .strictObject({
      factor: z.number().gt(0).lt(1).default(0.5),
      patience: z.int().nonnegative().default(5),
    })
    .prefault({}),
  /**
   * Training stops after `patience` epochs without a new minimum, but not before epoch `notBefore`.
   */
  earlyStop: z
    .strictObject({
      patience: z.int().positive().default(8),
      notBefore: z.int().nonnegative().default(12),
    })
    .prefault({}),
  /**
   * Memory for the rows, in MiB; if they need more, they are read again each epoch, block by block,
   * and shuffled within this memory.
   */
  memory: z.number().positive().max(3584).default(2560),
});
/** Settings of a minibatch training. */
export type TrainingOptions = z.infer<typeof TrainingOptions>;

/** What to do after an epoch. */
export interface Verdict {
  readonly best: boolean;
  readonly learningRate: number;
  readonly stop: boolean;
}

/**
 * Follows the validation loss. The plateau rule is PyTorch's ReduceLROnPlateau with its relative
 * threshold of 1e-4.
 */
export class Schedule {
  #best = Infinity;
  #sinceBest = 0;
  #plateauBest = Infinity;
  #sincePlateau = 0;
  #rate: number;

  constructor(private readonly options: TrainingOptions) {
    this.#rate = options.learningRate;
  }

  after(epoch: number, validationLoss: number): Verdict {
    const best = validationLoss < this.#best;
    if (best) this.#best = validationLoss;
    this.#sinceBest = best ? 0 : this.#sinceBest + 1;
    if (validationLoss < this.#plateauBest * (1 - 1e-4)) {
      this.#plateauBest = validationLoss;
      this.#sincePlateau = 0;
    } else if (++this.#sincePlateau > this.options.plateau.patience) {
      this.#rate *= this.options.plateau.factor;
      this.#sincePlateau = 0;
    }
    const { patience, notBefore } = this.options.earlyStop;
    return {
      best,
      learningRate: this.#rate,
      stop: epoch >= notBefore && this.#sinceBest >= patience,
    };
  }
}

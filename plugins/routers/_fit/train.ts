/**
 * Minibatch training of any model: Adam, plateau schedule, early stopping, keeping the parameters
 * with the best validation loss; can resume between epochs.
 */
import {
  HarnessError,
  seededRandom,
  type FitContext,
  type JsonObject,
  type Random,
  type Weights,
} from '../../../core/index.js';
import type { Rows, Window } from './rows.js';
import { Schedule, type TrainingOptions, type Verdict } from './schedule.js';
import type { Trainable } from './trainable.js';

/** How training went; stored with the weights. */
export interface History extends JsonObject {
  readonly epochs: number;
  readonly bestEpoch: number;
  /** `early`: the validation loss no longer fell; `limit`: there were no more epochs. */
  readonly ended: 'early' | 'limit';
  readonly trainLosses: readonly number[];
  readonly validationLosses: readonly number[];
  readonly trainRows: number;
  readonly validationRows: number;
}

interface Progress {
  step: number;
  bestEpoch: number;
  trainLosses: number[];
  validationLosses: number[];
}

/** Batches between two checks of the stop signal within an epoch. */
const LOOK_EVERY = 64;

// give the stop signal and the progress display a turn
const breathe = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

function shuffledRows(count: number, random: Random): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(0, i);
    const swapped = order[i]!;
    order[i] = order[j]!;
    order[j] = swapped;
  }
  return order;
}

/** What resuming after an epoch needs. */
function buildState(model: Trainable, best: Float32Array, progress: Progress): Weights {
  const vector = (data: Float32Array): { shape: readonly number[]; data: Float32Array } => ({
    shape: [data.length],
    data: Float32Array.from(data),
  });
  const { parameters } = model;
  return {
    tensors: {
      values: vector(parameters.getAll('values')),
      first: vector(parameters.getAll('first')),
      second: vector(parameters.getAll('second')),
      best: vector(best),
    },
    meta: {
      step: progress.step,
      bestEpoch: progress.bestEpoch,
      trainLosses: [...progress.trainLosses],
      validationLosses: [...progress.validationLosses],
    },
  };
}

/** Restores a stored state; nothing happens if there is none, or it belongs to another model. */
function resume(
  model: Trainable,
  best: Float32Array,
  progress: Progress,
  stored: Weights | undefined,
): void {
  if (stored === undefined) return;
  const { tensors, meta } = stored;
  const { parameters } = model;
  const buffers = {
    values: parameters.getAll('values'),
    first: parameters.getAll('first'),
    second: parameters.getAll('second'),
    best,
  };
  if (
    Object.entries(buffers).some(([name, buffer]) => tensors[name]?.data.length !== buffer.length)
  )
    return;
  for (const [name, buffer] of Object.entries(buffers)) buffer.set(tensors[name]?.data ?? []);
  Object.assign(progress, meta);
}

async function epochLoss(model: Trainable, rows: Rows<never>): Promise<number> {
  let sum = 0;
  for await (const window of rows.windows()) sum += model.measure(window);
  return sum / rows.rows;
}

/**
 * One pass over the training rows; the random numbers of an epoch come from the seed and its
 * number, so no generator state is stored.
 */
async function learnEpoch(
  model: Trainable,
  train: Rows<never>,
  options: TrainingOptions,
  rate: number,
  random: Random,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  let sum = 0;
  let batches = 0;
  const learn = async ({ rows, ...window }: Window): Promise<void> => {
    const order = shuffledRows(rows, random);
    for (let from = 0; from < rows; from += options.batchSize) {
      sum += model.learn(
        { rows, ...window },
        order.subarray(from, from + options.batchSize),
        random,
      );
      model.parameters.step(rate, ++progress.step);
      if (++batches % LOOK_EVERY !== 0) continue;
      await breathe();
      signal.throwIfAborted();
    }
  };
  for await (const window of train.windows()) await learn(window);
  return sum / train.rows;
}

/**
 * Trains a model in place and leaves its best parameters in it. Each epoch draws a new order of
 * rows, within the limits of memory. When asked to stop, it stores the state after the last whole
 * epoch and throws the reason; called again with that checkpoint, it continues and ends with the
 * same bytes.
 */
export async function train<Signals>(
  name: string,
  model: Trainable,
  trainRows: Rows<Signals>,
  validationRows: Rows<Signals>,
  options: TrainingOptions,
  context: FitContext,
): Promise<History> {
  const training = trainRows as unknown as Rows<never>;
  const held = validationRows as unknown as Rows<never>;
  const { checkpoint, signal, seed } = context;
  const best = Float32Array.from(model.parameters.getAll('values'));
  const progress: Progress = { step: 0, bestEpoch: 0, trainLosses: [], validationLosses: [] };
  resume(model, best, progress, await checkpoint?.load());
  const schedule = new Schedule(options);
  let verdict: Verdict = { best: false, learningRate: options.learningRate, stop: false };
  for (const [i, loss] of progress.validationLosses.entries())
    verdict = schedule.after(i + 1, loss);

  let state = checkpoint === undefined ? undefined : buildState(model, best, progress);
  try {
    for (
      let epoch = progress.validationLosses.length + 1;
      epoch <= options.epochs && !verdict.stop;
      epoch++
    ) {
      signal.throwIfAborted();
      const random = seededRandom(seed).fork(`epoch ${epoch}`);
      const rate = verdict.learningRate;
      const trainLoss = await learnEpoch(model, training, options, rate, random, progress, signal);
      const validationLoss = await epochLoss(model, held);
      if (!Number.isFinite(trainLoss + validationLoss)) throw notFinite(name, training.rows, epoch);
      progress.trainLosses.push(trainLoss);
      progress.validationLosses.push(validationLoss);
      verdict = schedule.after(epoch, validationLoss);
      if (verdict.best) {
        best.set(model.parameters.getAll('values'));
        progress.bestEpoch = epoch;
      }
      if (checkpoint !== undefined) {
        state = buildState(model, best, progress);
        if (checkpoint.due()) await checkpoint.save(state);
      }
      context.progress({ epoch, epochs: options.epochs, trainLoss, validationLoss });
      await breathe();
    }
  } catch (thrown) {
    if (signal.aborted && state !== undefined) await checkpoint?.save(state);
    throw thrown;
  }
  model.parameters.getAll('values').set(best);
  return buildHistory(progress, verdict, [training, held]);
}

const buildHistory = (
  { bestEpoch, trainLosses, validationLosses }: Progress,
  { stop }: Verdict,
  [training, held]: readonly [Rows<never>, Rows<never>],
): History => ({
  epochs: trainLosses.length,
  bestEpoch,
  ended: stop ? 'early' : 'limit',
  trainLosses,
  validationLosses,
  trainRows: training.rows,
  validationRows: held.rows,
});

const notFinite = (router: string, rows: number, epoch: number): HarnessError =>
  new HarnessError('fitFailed', {
    router,
    rows,
    problem: `the loss of epoch ${epoch} is not a finite number; lower learningRate, or set standardize if the router has that option`,
  });

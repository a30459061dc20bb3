/** Minibatch training of a head with TensorFlow.js: Adam on binary cross-entropy with logits, the best validation loss kept. */
import { seededRandom, type FitContext, type JsonObject, type TensorEngine } from '../../../core/index.js';
import type { Features } from './features.js';
import { newLayers, type Layer } from './layers.js';
import { Schedule, type TrainingOptions } from './schedule.js';

type Tf = TensorEngine['tf'];
type TfTensor = import('@tensorflow/tfjs-core').Tensor2D;
type TfVariable = import('@tensorflow/tfjs-core').Variable;

/** The trained layers, and how training went. */
export interface TrainedHead {
  readonly layers: readonly Layer[];
  readonly history: JsonObject;
}

const outputs = (tf: Tf, variables: readonly TfVariable[], x: TfTensor, dropout: ((width: number) => TfTensor) | null): TfTensor => {
  let y = x;
  for (let i = 0; i < variables.length; i += 2) {
    y = tf.add(tf.matMul(y, variables[i] as unknown as TfTensor, false, true), variables[i + 1] as TfVariable) as TfTensor;
    if (i + 2 === variables.length) break;
    y = tf.relu(y);
    if (dropout !== null) y = tf.mul(y, dropout(y.shape[1]));
  }
  return y;
};

/** Mean binary cross-entropy of logits: max(z, 0) − z·y + ln(1 + e^−|z|). */
const loss = (tf: Tf, z: TfTensor, y: TfTensor): import('@tensorflow/tfjs-core').Scalar =>
  tf.mean(tf.add(tf.sub(tf.relu(z), tf.mul(z, y)), tf.softplus(tf.neg(tf.abs(z))))) as import('@tensorflow/tfjs-core').Scalar;

/**
 * Trains layers of the widths `[features, …hidden, 1]`. All randomness (start, order, dropout) comes from the context's seed.
 * The signal is looked at before each epoch.
 */
export async function trainHead(
  train: Features,
  validation: Features,
  options: TrainingOptions & { readonly hidden: readonly number[]; readonly dropout: number },
  context: FitContext,
): Promise<TrainedHead> {
  const { name, tf } = await context.engine();
  const random = seededRandom(context.seed);
  const start = newLayers([train.dim, ...options.hidden, 1], random.fork('start'));
  const order = random.fork('order');
  const chance = random.fork('dropout');

  class ScheduledAdam extends tf.AdamOptimizer {
    setRate(rate: number): void {
      this.learningRate = rate;
    }
  }

  const variables = start.flatMap(({ weight, bias }) => [tf.variable(tf.tensor(weight.data, [...weight.shape])), tf.variable(tf.tensor(bias.data, [...bias.shape]))]);
  const optimizer = new ScheduledAdam(options.learningRate, 0.9, 0.999, 1e-8);
  const [x, y] = [tf.tensor2d(train.values, [train.rows, train.dim]), tf.tensor2d(train.labels.subarray(0, train.rows), [train.rows, 1])];
  const [vx, vy] = [tf.tensor2d(validation.values, [validation.rows, validation.dim]), tf.tensor2d(validation.labels.subarray(0, validation.rows), [validation.rows, 1])];
  const values = (): Float32Array[] => variables.map((variable) => Float32Array.from(variable.dataSync()));
  let best = values();
  let bestEpoch = 0;
  const trainLosses: number[] = [];
  const validationLosses: number[] = [];
  const schedule = new Schedule(options);
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      context.signal.throwIfAborted();
      const shuffled = order.shuffle(Array.from({ length: train.rows }, (_, i) => i));
      let sum = 0;
      for (let from = 0; from < train.rows; from += options.batchSize) {
        const rows = shuffled.slice(from, from + options.batchSize);
        sum += tf.tidy(() => {
          const index = tf.tensor1d(rows, 'int32');
          const [bx, by] = [tf.gather(x, index), tf.gather(y, index)];
          const masks = options.hidden.map((width) => Float32Array.from({ length: rows.length * width }, () => (chance.float() < options.dropout ? 0 : 1 / (1 - options.dropout))));
          let layer = 0;
          const dropout = options.dropout === 0 ? null : (width: number): TfTensor => tf.tensor2d(masks[layer++] as Float32Array, [rows.length, width]);
          const cost = optimizer.minimize(
            () => {
              layer = 0;
              return loss(tf, outputs(tf, variables, bx, dropout), by);
            },
            true,
            variables,
          );
          return (cost?.dataSync()[0] ?? NaN) * rows.length;
        });
      }
      const validationLoss = tf.tidy(() => loss(tf, outputs(tf, variables, vx, null), vy).dataSync()[0] as number);
      trainLosses.push(sum / train.rows);
      validationLosses.push(validationLoss);
      context.progress({ epoch, epochs: options.epochs, trainLoss: sum / train.rows, validationLoss });
      const verdict = schedule.after(epoch, validationLoss);
      if (verdict.best) {
        best = values();
        bestEpoch = epoch;
      }
      optimizer.setRate(verdict.learningRate);
      if (verdict.stop) break;
      await new Promise((resolve) => setImmediate(resolve)); // lets a stop request and the progress display through
    }
  } finally {
    tf.dispose([...variables, x, y, vx, vy]);
    optimizer.dispose();
  }
  const layers = start.map(({ weight, bias }, i) => ({
    weight: { shape: weight.shape, data: best[2 * i] as Float32Array },
    bias: { shape: bias.shape, data: best[2 * i + 1] as Float32Array },
  }));
  return { layers, history: { engine: name, epochs: trainLosses.length, bestEpoch, trainLosses, validationLosses, trainRows: train.rows, validationRows: validation.rows } };
}

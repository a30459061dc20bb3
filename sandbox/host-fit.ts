/**
 * Fitting, on the harness's side of the protocol: sends blocks of rows and checkpoints, and
 * receives the weights.
 */
import type { FitContext, FitData, FitRow, Weights } from '../core/contracts.js';
import type { JsonObject } from '../core/util/json.js';
import type { IsolatedRouterPlan } from './isolated-router-plan.js';
import type { IncomingMessage, Program } from './plugin-program.js';
import { packBlock } from './signal-block.js';
import { packWeights, unpackWeights, type WeightsHeader } from './tensors.js';

const CHECKPOINT_SECONDS = 10;
/** How long a fit that is told to stop may take to save its state. */
const STOP_SECONDS = 15;

/** The blocks for one reader in the program, read one ahead of its requests. */
class Serving {
  readonly #blocks: AsyncIterator<readonly FitRow<object>[]>;
  #ahead: Promise<IteratorResult<readonly FitRow<object>[]>>;
  #release: () => void = () => undefined;

  constructor(
    private readonly program: Program,
    private readonly plan: IsolatedRouterPlan,
    private readonly reader: number,
    data: FitData<object>,
  ) {
    this.#blocks = data.blocks()[Symbol.asyncIterator]();
    this.#ahead = this.#blocks.next();
  }

  async next(): Promise<void> {
    this.#release(); // the request for the next block shows that it has read the last one
    const { done, value } = await this.#ahead;
    const { release, ...outgoing } = this.program.block(
      packBlock(this.plan.needs, done === true ? [] : value, {
        type: 'block',
        reader: this.reader,
      }),
    );
    this.#release = release;
    this.program.send(outgoing);
    if (done === true) return;
    this.#ahead = this.#blocks.next();
    this.#ahead.catch(() => undefined); // called when it is requested
  }

  async end(): Promise<void> {
    this.#release();
    await this.#ahead.catch(() => undefined);
    await this.#blocks.return?.();
  }
}

/**
 * Lets the program fit, and answers its requests meanwhile.
 * @throws what the fit threw, and RXB22xx
 */
export async function answerFit(
  program: Program,
  plan: IsolatedRouterPlan,
  train: FitData<object>,
  validation: FitData<object>,
  context: FitContext,
): Promise<Weights> {
  const { seed, signal, progress, checkpoint } = context;
  const readers = new Map<number, Serving>();
  const data = { train, validation };
  let grace: NodeJS.Timeout | undefined;
  const stop = (): void => {
    program.send({ header: { type: 'stop' } });
    grace = setTimeout(() => void program.close(), 1000 * STOP_SECONDS);
  };
  signal.addEventListener('abort', stop, { once: true });

  const serve = async ({ message, payload }: IncomingMessage): Promise<void> => {
    if (message.type === 'next') {
      const known =
        readers.get(message.reader) ??
        new Serving(program, plan, message.reader, data[message.part]);
      readers.set(message.reader, known);
      await known.next();
    } else if (message.type === 'leave') {
      const left = readers.get(message.reader);
      readers.delete(message.reader);
      await left?.end();
    } else if (message.type === 'save') {
      await checkpoint?.save(
        unpackWeights({ meta: message.meta as JsonObject, tensors: message.tensors }, payload),
      );
      program.send({ header: { type: 'saved' } });
    } else if (message.type === 'load') {
      const state = await checkpoint?.load();
      if (state === undefined) program.send({ header: { type: 'loaded', none: true } });
      else {
        const packed = packWeights(state);
        program.send({ header: { type: 'loaded', ...packed.header }, payload: packed.payload });
      }
    }
  };
  try {
    signal.throwIfAborted();
    const header = {
      type: 'fit',
      seed,
      train: train.rows,
      validation: validation.rows,
      checkpointSeconds: CHECKPOINT_SECONDS,
    };
    return await program.request(
      { header },
      'fitting',
      plan.settings.fitSeconds,
      (incoming, fail): Weights | undefined => {
        const { message, payload } = incoming;
        if (message.type === 'failed') throw new Error(message.message);
        if (message.type === 'fitted')
          return unpackWeights(message as unknown as WeightsHeader, payload);
        if (message.type === 'progress')
          progress({
            epoch: message.epoch,
            epochs: message.epochs,
            ...optionalProperty('trainLoss', message.trainLoss),
            ...optionalProperty('validationLoss', message.validationLoss),
          });
        else if (
          message.type === 'next' ||
          message.type === 'leave' ||
          message.type === 'save' ||
          message.type === 'load'
        )
          serve(incoming).catch((error: unknown) => fail(error as Error));
        else throw new Error(`it sent "${message.type}" while fitting`);
        return undefined;
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', stop);
    await Promise.all([...readers.values()].map((reader) => reader.end()));
  }
}

const optionalProperty = <K extends string>(
  key: K,
  value: number | undefined,
): Partial<Record<K, number>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, number>);

/**
 * Fitting, on the harness's side of the protocol: sends blocks of rows and checkpoints, and
 * receives the weights.
 */
import type { FitContext, FitData, FitRow, Weights } from '../core/contracts.js';
import { getErrorMessage } from '../core/errors.js';
import type { JsonObject } from '../core/util/json.js';
import type { IsolatedRouterPlan } from './isolated-router-plan.js';
import type { IncomingMessage, Program } from './plugin-program.js';
import type { ProgramMessage } from './messages.js';
import { toFailure } from './plugin-thrown.js';
import { packBlock } from './signal-block.js';
import { packWeights, unpackWeights } from './tensors.js';

const CHECKPOINT_SECONDS = 10;
/** How long a fit that is told to stop may take to save its state. */
const STOP_SECONDS = 15;

/** A fit may take this many times as long as it may send nothing. */
const MOST_SILENCES = 100;
/** Each holds a block of rows. */
const MOST_READERS = 64;
/** Blocks that one reader may have asked for and not got. */
const MOST_ASKED = 16;
/** Messages besides those that ask for rows. */
const MOST_MESSAGES = 1_000_000;

/** The blocks for one reader in the program, read one ahead of its requests. */
class Serving {
  readonly #blocks: AsyncIterator<readonly FitRow<object>[]>;
  #ahead: Promise<IteratorResult<readonly FitRow<object>[]>>;
  #release: () => void = () => undefined;
  /** Requests are answered one after the other. */
  #last: Promise<void> = Promise.resolve();
  #asked = 0;

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
    if (++this.#asked > MOST_ASKED)
      throw this.program.refuse(`a reader asked for more than ${MOST_ASKED} blocks ahead`);
    const sent = this.#last.then(async () => await this.#send());
    this.#last = sent.catch(() => undefined); // thrown to whoever asked
    await sent;
    this.#asked--;
  }

  async #send(): Promise<void> {
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
  const { seed, signal } = context;
  const session = new FitSession(program, plan, { train, validation }, context);
  let grace: NodeJS.Timeout | undefined;
  const stop = (): void => {
    program.send({ header: { type: 'stop' } });
    grace = setTimeout(() => void program.close(), 1000 * STOP_SECONDS);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    const header = {
      type: 'fit',
      seed,
      train: train.rows,
      validation: validation.rows,
      checkpointSeconds: CHECKPOINT_SECONDS,
    };
    const { fitSeconds: seconds } = plan.settings;
    return await program.request(
      { header },
      {
        what: 'fitting',
        seconds,
        total: MOST_SILENCES * seconds,
        option: 'fitSeconds',
        isNew: (message) => session.isNew(message),
      },
      (incoming, fail): Weights | undefined => session.receive(incoming, fail),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(grace);
    signal.removeEventListener('abort', stop);
    await session.end();
  }
}

/** The messages of a program while it fits. */
class FitSession {
  readonly #readers = new Map<number, Serving>();
  #messages = 0;
  #shown = '';
  /** The exchange with the store of checkpoints that is not finished. */
  #storing: 'save' | 'load' | undefined;

  constructor(
    private readonly program: Program,
    private readonly plan: IsolatedRouterPlan,
    private readonly data: {
      readonly train: FitData<object>;
      readonly validation: FitData<object>;
    },
    private readonly context: FitContext,
  ) {}

  /** Whether a message shows that the fit gets on: it reads rows, or its progress is another. */
  isNew(message: ProgramMessage): boolean {
    if (message.type === 'next') return true;
    if (message.type !== 'progress') return false;
    const { epoch, trainLoss, validationLoss } = message;
    const shown = JSON.stringify([epoch, trainLoss, validationLoss]);
    const isNew = shown !== this.#shown;
    this.#shown = shown;
    return isNew;
  }

  /** Handles a message; returns the weights once they have come. */
  receive(incoming: IncomingMessage, fail: (error: Error) => void): Weights | undefined {
    const { message, payload } = incoming;
    if (message.type !== 'next' && ++this.#messages > MOST_MESSAGES)
      throw this.program.refuse(`it sent more than ${MOST_MESSAGES} messages while fitting`);
    switch (message.type) {
      case 'failed':
        throw toFailure(message, this.plan.title, this.plan.package);
      case 'fitted':
        return this.#unpack(message, payload);
      case 'progress':
        this.context.progress({
          epoch: message.epoch,
          epochs: message.epochs,
          ...optionalProperty('trainLoss', message.trainLoss),
          ...optionalProperty('validationLoss', message.validationLoss),
        });
        return undefined;
      case 'next':
      case 'leave':
      case 'save':
      case 'load':
        this.#serve(incoming).catch((error: unknown) => fail(error as Error));
        return undefined;
      default:
        throw new Error(`it sent "${message.type}" while fitting`);
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.#readers.values()].map((reader) => reader.end()));
  }

  async #serve({ message, payload }: IncomingMessage): Promise<void> {
    if (message.type === 'next') {
      const reader =
        this.#readers.get(message.reader) ??
        new Serving(this.program, this.plan, message.reader, this.data[message.part]);
      this.#readers.set(message.reader, reader);
      if (this.#readers.size > MOST_READERS)
        throw this.program.refuse(`it reads with more than ${MOST_READERS} readers at once`);
      await reader.next();
    } else if (message.type === 'leave') {
      const reader = this.#readers.get(message.reader);
      this.#readers.delete(message.reader);
      await reader?.end();
    } else if (message.type === 'save' || message.type === 'load') {
      if (this.#storing !== undefined)
        throw this.program.refuse(`it sent "${message.type}" before its last one was answered`);
      this.#storing = message.type;
      this.program.takesNumbers = false;
      try {
        await (message.type === 'save' ? this.#save(message, payload) : this.#load());
      } finally {
        this.program.takesNumbers = true;
        this.#storing = undefined;
      }
    }
  }

  async #save(message: WeightsMessage, payload: Uint8Array): Promise<void> {
    await this.context.checkpoint?.save(this.#unpack(message, payload));
    this.program.send({ header: { type: 'saved' } });
  }

  async #load(): Promise<void> {
    const state = await this.context.checkpoint?.load();
    if (state === undefined) {
      this.program.send({ header: { type: 'loaded', none: true } });
      return;
    }
    const { header, payload } = packWeights(state);
    this.program.send({ header: { type: 'loaded', ...header }, payload });
  }

  /** @throws HarnessError RXB2203 for tensors that are not in the message as it says */
  #unpack({ meta, tensors }: WeightsMessage, payload: Uint8Array): Weights {
    try {
      return unpackWeights({ meta: meta as JsonObject, tensors }, payload);
    } catch (error) {
      throw this.program.refuse(getErrorMessage(error));
    }
  }
}

type WeightsMessage = Extract<ProgramMessage, { readonly type: 'save' | 'fitted' }>;

const optionalProperty = <K extends string>(
  key: K,
  value: number | undefined,
): Partial<Record<K, number>> =>
  value === undefined ? {} : ({ [key]: value } as Record<K, number>);

import { join } from 'node:path';
import { env } from 'node:process';
import type { FitContext, FitData, Random, RouterInput, Weights } from '../../core/index.js';
import { frameParts } from '../../sandbox/frames.js';
import { IsolatedRouter } from '../../sandbox/isolated-router.js';
import { Program } from '../../sandbox/plugin-program.js';
import { ISOLATION } from '../../sandbox/settings.js';
import { mutateBytes, mutateJson } from '../mutate.js';
import { WrongValue, type FuzzTarget } from '../target.js';

const SETTINGS = { ...ISOLATION, memoryMiB: 256, scoreSeconds: 5, fitSeconds: 5 };
const SENT = 'sent.bin';

/** A message: a header, and how many bytes follow it. */
type Message = readonly [header: object, bytes?: number | undefined];

const INPUTS: readonly RouterInput<object>[] = ['one', 'two', 'three'].map((text) => ({
  query: { text },
  signals: {},
}));
const SCORE: readonly Message[] = [
  [{ type: 'note', level: 'warn', text: 'hello' }],
  [{ type: 'scored', confidences: [0.1, 0.2, null], milliseconds: [1, 2, 3] }],
];
const TENSOR = { name: 'w', shape: [2, 2], at: 0 };
const FIT: readonly Message[] = [
  [{ type: 'next', reader: 1, part: 'train' }],
  [{ type: 'progress', epoch: 1, epochs: 2, trainLoss: 0.5, validationLoss: 0.4 }],
  [{ type: 'save', meta: { a: 1 }, tensors: [{ name: 'w', shape: [2], at: 0 }] }, 8],
  [{ type: 'load' }],
  [{ type: 'leave', reader: 1 }],
  [
    {
      type: 'fitted',
      meta: { a: [1, 'x'] },
      tensors: [TENSOR, { name: 'b', shape: [1], at: 16 }],
    },
    20,
  ],
];

const frame = ([header, bytes = 0]: Message): Buffer =>
  Buffer.concat(frameParts(header, Buffer.alloc(bytes, 1)));

/** The bytes of all messages, damaged in one message or anywhere. */
function damage(messages: readonly Message[], random: Random): Buffer {
  if (random.float() < 0.5) return mutateBytes(Buffer.concat(messages.map(frame)), random);
  const chosen = random.int(0, messages.length - 1);
  return Buffer.concat(
    messages.map(([header, bytes], i) => {
      if (i !== chosen) return frame([header, bytes]);
      const changed = mutateJson(header, random);
      return frame([typeof changed === 'object' && changed !== null ? changed : {}, bytes]);
    }),
  );
}

const DATA: FitData<object> = {
  rows: INPUTS.length,
  blocks: async function* () {
    yield INPUTS.map((input, i) => ({ ...input, label: i % 2 === 0 ? 0 : 1 }));
  },
};
const fitContext = (): FitContext =>
  ({
    seed: 1,
    signal: new AbortController().signal,
    progress: ({ epoch, epochs }: { readonly epoch: number; readonly epochs: number }) => {
      if (!(epoch >= 0 && epoch <= epochs && epochs < Infinity))
        throw new WrongValue(`epoch ${epoch} of ${epochs}`);
    },
    checkpoint: {
      due: () => true,
      save: async (state: Weights) => checkWeights(state),
      load: async () => undefined,
    },
  }) as unknown as FitContext;

function checkWeights({ tensors, meta }: Weights): void {
  if (typeof meta !== 'object' || meta === null) throw new WrongValue('weights without meta');
  let bytes = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (!(data instanceof Float32Array)) throw new WrongValue(`tensor ${name} has other numbers`);
    if (data.length !== shape.reduce((size, axis) => size * axis, 1))
      throw new WrongValue(`tensor ${name} has another size than its shape`);
    bytes += data.byteLength;
  }
  if (bytes > 200) throw new WrongValue(`${bytes} bytes of weights came from a short message`);
}

function checkConfidences(confidences: unknown): void {
  // another number of them is refused by the stage that scores
  if (!Array.isArray(confidences) || confidences.length !== INPUTS.length) return;
  for (const value of confidences as readonly unknown[])
    // a text is refused by the stage that scores
    if (value !== null && typeof value !== 'string' && !Number.isFinite(value))
      throw new WrongValue(`a confidence is a ${typeof value}`);
}

async function readMessages(folder: string, fitted: boolean): Promise<void> {
  const program = new Program({
    title: 'router "evil"',
    command: ['cat', join(folder, SENT)],
    cwd: folder,
    env: { PATH: env['PATH'] ?? '' },
    memoryMiB: SETTINGS.memoryMiB,
    descriptor: false,
    cleanUp: () => undefined,
  });
  const router = new IsolatedRouter({
    title: 'router "evil"',
    package: 'evil',
    needs: [],
    fitted,
    settings: SETTINGS,
    start: async () => program,
  });
  try {
    if (!fitted) checkConfidences((await router.scoreTimed(INPUTS)).confidences);
    else checkWeights((await router.fit?.(DATA, DATA, fitContext())) as Weights);
  } catch (error) {
    // what a program says went wrong is an error of its own, which the stage gives a code
    if (!(error instanceof Error) || error.cause !== undefined || error.constructor !== Error)
      throw error;
  } finally {
    await router.close();
  }
}

export const target: FuzzTarget = {
  summary: 'messages of a program that scores or fits, read from its standard output',
  open: async (folder) => ({
    next: (random) => {
      const fitted = random.float() < 0.7;
      return {
        files: { [SENT]: damage(fitted ? FIT : SCORE, random) },
        run: () => readMessages(folder, fitted),
      };
    },
  }),
};

/** Small routers that keep the contract, and one for every rule that breaks it. */
import { z } from 'zod';
import {
  logits,
  router,
  type FitContext,
  type FitData,
  type Logits,
  type RouterInput,
  type Weights,
} from '../../../core/index.js';
import type { RouterDefinition } from '../../../core/index.js';
import type { PluginClass } from '../../../testing/index.js';

interface Signals {
  readonly logits: Logits;
}
type Input = RouterInput<Signals>;

/** A router class with these members. */
const createRouter = (members: () => object, definition: object = {}): PluginClass => {
  class Made {
    constructor() {
      Object.assign(this, members());
    }
  }
  const whole = {
    name: 'made',
    summary: 'Made for the tests of the contract',
    needs: [logits()],
    ...definition,
  };
  router(whole as unknown as RouterDefinition<readonly [], z.ZodType>)(
    Made as new () => object as never,
  );
  return Made;
};

const largest = ({ signals }: Input): number => Math.max(...signals.logits);

/** Keeps the contract without fitting. */
export const GoodRouter = createRouter(() => ({ score: largest }));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

interface FitChoices {
  readonly noise?: () => number;
  readonly ignoreLabels?: boolean;
  readonly constantDirection?: boolean;
  readonly ignoreSignal?: boolean;
  readonly anyWeights?: boolean;
  readonly oneClass?: 'NaN' | 'throw';
  readonly spoilRows?: boolean;
  readonly tensor?: (data: Float32Array) => object;
}

/**
 * A threshold half-way between the mean largest logits of the two labels. Not exported by a
 * package: a fixture.
 */
const fitted = (choices: FitChoices = {}): PluginClass =>
  createRouter(() => {
    let weights: readonly [number, number] = [0, 0];
    return {
      async fit(
        train: FitData<Signals>,
        _validation: FitData<Signals>,
        context: FitContext,
      ): Promise<Weights> {
        if (choices.ignoreSignal !== true) context.signal.throwIfAborted();
        const byLabel: [number[], number[]] = [[], []];
        for await (const block of train.blocks()) {
          for (const row of block) {
            byLabel[row.label].push(largest(row));
            if (choices.spoilRows === true) row.signals.logits[0] = 0;
          }
        }
        const [low, high] = [mean(byLabel[0]), mean(byLabel[1])];
        if (choices.oneClass === 'throw' && !Number.isFinite(low + high))
          throw new Error('both labels are needed');
        const safe = (value: number): number =>
          choices.oneClass === 'NaN' || Number.isFinite(value) ? value : 0;
        const slope =
          choices.ignoreLabels === true
            ? 0
            : Math.sign(safe(high - low)) * (choices.noise?.() ?? 1);
        const data = Float32Array.of(
          choices.constantDirection === true ? Math.abs(slope) : slope,
          safe((low + high) / 2),
        );
        for (const epoch of [1, 2, 3]) {
          context.progress({ epoch, epochs: 3 });
          if (choices.ignoreSignal !== true) context.signal.throwIfAborted();
        }
        return {
          tensors: {
            line: (choices.tensor?.(data) ?? { shape: [2], data }) as Weights['tensors'][string],
          },
          meta: { rows: train.rows },
        };
      },
      restore({ tensors }: Weights) {
        if (tensors['line'] === undefined && choices.anyWeights !== true)
          throw new Error('there is no line');
        weights = [tensors['line']?.data[0] ?? 0, tensors['line']?.data[1] ?? 0];
      },
      score: (input: Input): number => weights[0] * (largest(input) - weights[1]),
    };
  });

/** Keeps the contract, fitting included. */
export const GoodFittedRouter = fitted();

let turn = 0;

/** State that a router must not keep outside its weights. */
const besideTheWeights = new WeakMap<Float32Array, number>();

/** Rule → a router that breaks it. */
export const BROKEN_ROUTERS: Readonly<Record<string, PluginClass>> = {
  marked: class Unmarked {
    readonly score = largest;
  },
  named: createRouter(() => ({ score: largest }), { name: 'Made_Badly', summary: '' }),
  'strict-options': createRouter(() => ({ score: largest }), {
    options: z.object({ scale: z.number().default(1) }),
  }),
  needs: createRouter(() => ({ score: largest }), { needs: [logits(), logits({ prompt: 'raw' })] }),
  'one-score': createRouter(() => ({
    score: largest,
    scoreBatch: (inputs: readonly Input[]) => inputs.map(largest),
  })),
  'finite-or-null': createRouter(() => ({ score: (input: Input) => Math.log(-largest(input)) })),
  pure: createRouter(() => ({ score: (input: Input) => largest(input) + turn++ })),
  'no-randomness': createRouter(() => ({
    score: (input: Input) => largest(input) + 0 * Math.random(),
  })),
  'order-independent': createRouter(() => ({
    scoreBatch: (inputs: readonly Input[]) =>
      inputs.map((input) => largest(input) - mean(inputs.map(largest))),
  })),
  'leaves-inputs-alone': createRouter(() => ({
    score: (input: Input) => input.signals.logits.sort().at(-1),
  })),
  'reads-only-declared': createRouter(() => ({
    score: (input: Input & { readonly id?: string }) =>
      largest(input) + (input.id === 'easy' ? 1 : 0),
  })),
  'edge-signals': createRouter(() => ({
    score: ({ signals: { logits: z } }: Input) => 1 / (Math.max(...z) - Math.min(...z)),
  })),
  'weights-well-formed': fitted({ tensor: (data) => ({ shape: [3], data }) }),
  'fit-deterministic': fitted({ noise: () => 1 + turn++ }),
  restores: createRouter(() => {
    let line: Weights['tensors'][string] | undefined;
    return {
      fit: async (train: FitData<Signals>, _v: FitData<Signals>, context: FitContext) => {
        context.signal.throwIfAborted();
        for await (const block of train.blocks()) if (block.length === 0) break;
        const data = Float32Array.of(1);
        besideTheWeights.set(data, 2);
        return { tensors: { line: { shape: [1], data } }, meta: {} };
      },
      restore: ({ tensors }: Weights) => {
        line = tensors['line'];
        if (line === undefined) throw new Error('there is no line');
      },
      score: (input: Input) =>
        largest(input) * (besideTheWeights.get(line?.data ?? new Float32Array()) ?? 1),
    };
  }),
  'refuses-empty-weights': fitted({ anyWeights: true }),
  learns: fitted({ ignoreLabels: true }),
  'learns-direction': fitted({ constantDirection: true }),
  'one-class': fitted({ oneClass: 'throw' }),
  abortable: fitted({ ignoreSignal: true }),
  'leaves-fit-rows-alone': fitted({ spoilRows: true }),
};

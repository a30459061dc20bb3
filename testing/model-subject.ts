/** A model backend under test: one instance for all rules, because loading a model is expensive. */
import type {
  GenerateSettings,
  Model,
  ModelAbility,
  ModelContext,
  ModelPrompt,
  Outcome,
} from '../core/contracts.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';

/** Options of the model suite. */
export interface ModelSuite {
  readonly options?: object;
  /** Folder for relative paths of FILES. */
  readonly folder?: string;
  /** Queries for the tests; at least three, of different lengths. */
  readonly queries?: readonly string[];
  /**
   * How far numbers may differ between a prompt alone and in a block; default 1e-3, relative to the
   * largest.
   */
  readonly tolerance?: number;
}

/** A model backend under test. */
export interface ModelSubject extends PluginSubject<'model'> {
  readonly shared: () => Promise<Model>;
  readonly prompts: readonly ModelPrompt[];
  readonly queries: readonly string[];
  readonly tolerance: number;
  readonly can: (ability: ModelAbility) => Promise<boolean>;
  /** Closes the shared instance. */
  readonly end: () => Promise<void>;
}

const QUERIES = [
  'What is 2 + 3?',
  'Hello.',
  'Which of these is a colour: apple, red, seven, or Monday? Answer with one word.',
  'Reverse the word stone.',
];

/** Greedy settings of the suite. */
export const GREEDY: GenerateSettings = { maxTokens: 12, temperature: 0 };

/** Prepares a model class for the rules. */
export function modelSubject(plugin: PluginClass, suite: ModelSuite): ModelSubject {
  const base = buildSubject('model', plugin, suite.options, suite.folder);
  let kept: Model | undefined;
  const shared = async (): Promise<Model> => await Promise.resolve((kept ??= base.make()));
  const queries = suite.queries ?? QUERIES;
  return {
    ...base,
    shared,
    queries,
    prompts: queries.map((content) => ({ form: 'chat', messages: [{ role: 'user', content }] })),
    tolerance: suite.tolerance ?? 1e-3,
    can: async (ability) => (await (await shared()).info()).can.includes(ability),
    end: async () => {
      await kept?.close?.();
      kept = undefined;
    },
  };
}

/** A context that counts finished prompts. */
export function counting(signal: AbortSignal = new AbortController().signal): {
  readonly context: ModelContext;
  readonly finished: () => number;
} {
  let sum = 0;
  return { context: { signal, advance: (more) => void (sum += more) }, finished: () => sum };
}

/**
 * The values of some outcomes.
 * @throws Error for a failed one
 */
export function getValues<T>(outcomes: readonly Outcome<T>[], wanted: number): readonly T[] {
  if (outcomes.length !== wanted)
    throw new Error(`${wanted} prompts gave ${outcomes.length} outcomes`);
  return outcomes.map((outcome, i) => {
    if (outcome.ok) return outcome.value;
    throw new Error(`prompt ${i + 1} failed: ${outcome.code} ${outcome.message}`);
  });
}

/**
 * Largest difference of two vectors, as a fraction of the largest number in the first (at least 1).
 */
export function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let scale = 1;
  let gap = 0;
  for (let i = 0; i < a.length; i++) {
    scale = Math.max(scale, Math.abs(a[i] as number));
    gap = Math.max(gap, Math.abs((a[i] as number) - (b[i] as number)));
  }
  return gap / scale;
}

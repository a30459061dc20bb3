/** A router under test: instances, weights fitted once, rows to score. */
import type { FitContext, Router, RouterInput, Weights } from '../core/contracts.js';
import type { SignalRequest } from '../core/signals/requests.js';
import {
  buildFitData,
  syntheticRows,
  syntheticSignal,
  type SignalMaker,
  type SyntheticRow,
} from './synthetic.js';
import { buildSubject, type PluginClass, type PluginSubject } from './subject.js';
import { frozen } from './detect-impurity.js';

/** Options of the router suite. */
export interface RouterSuite {
  /**
   * Options of the instance. For a fitted router choose ones that fit fast: the suite fits about
   * ten times.
   */
  readonly options?: object;
  /** Makes the signals; default: synthetic ones that differ between the two labels. */
  readonly signals?: SignalMaker;
  /** Rows to fit on; default 240, and a third as many for validation. */
  readonly fitRows?: number;
}

/** What the rules know of a router, wherever its code runs. */
export interface RouterUnderTest extends Omit<PluginSubject<'router'>, 'plugin'> {
  readonly needs: () => readonly SignalRequest[];
  /** Labelled rows for a seed. */
  readonly rows: (count: number, seed: number) => readonly SyntheticRow[];
  readonly fitted: boolean;
  /** Fits a new instance. */
  readonly fit: (over?: FitChanges) => Promise<Weights>;
  /** The weights with seed 1: fitted once. */
  readonly weights: () => Promise<Weights>;
  /** An instance that can score: restored if it is a fitted router. */
  readonly ready: (weights?: Weights) => Promise<Router<object>>;
}

/** A router class under test. */
export interface RouterSubject extends RouterUnderTest {
  readonly plugin: PluginClass;
}

/** How one fit differs from the default. */
interface FitChanges {
  readonly seed?: number;
  readonly flip?: boolean;
  readonly blockRows?: number;
  readonly rows?: readonly SyntheticRow[];
  readonly context?: Partial<FitContext>;
}

const FIT_ROWS = 240;

/** Prepares a router class for the rules. */
export function routerSubject(plugin: PluginClass, suite: RouterSuite = {}): RouterSubject {
  const subject = buildSubject('router', plugin, suite.options);
  const needs = (): readonly SignalRequest[] => {
    if (subject.mark?.kind !== 'router') return [];
    const { needs: declared } = subject.mark.definition;
    return typeof declared === 'function' ? declared(subject.options()) : declared;
  };
  const isFitted = (): boolean => {
    try {
      return subject.make().fit !== undefined;
    } catch {
      return false; // the rules about options and scoring report why it cannot be created
    }
  };
  return { ...subject, ...prepareRows({ make: subject.make, needs, fitted: isFitted() }, suite) };
}

/** How the rules make instances of a router, and what is known of it. */
interface RouterSource extends Pick<RouterUnderTest, 'needs' | 'fitted'> {
  readonly make: () => Router<object>;
}

/** Rows, fits and restored instances of a router. */
export function prepareRows(
  { make: makeRouter, needs, fitted }: RouterSource,
  suite: RouterSuite,
): Pick<RouterUnderTest, 'needs' | 'rows' | 'fitted' | 'fit' | 'weights' | 'ready'> {
  const make = suite.signals ?? syntheticSignal;
  const count = suite.fitRows ?? FIT_ROWS;
  const rows = (many: number, seed: number, flip = false): readonly SyntheticRow[] =>
    frozen(syntheticRows(needs(), many, seed, make, flip));
  const fit = async ({
    seed = 1,
    flip = false,
    blockRows = 64,
    rows: own,
    context = {},
  }: FitChanges = {}): Promise<Weights> => {
    const instance = makeRouter();
    if (instance.fit === undefined) throw new Error('it has no fit method');
    const train = own ?? rows(count, 11, flip);
    const validation = own ?? rows(Math.ceil(count / 3), 12, flip);
    return await instance.fit(buildFitData(train, blockRows), buildFitData(validation, blockRows), {
      seed,
      progress: () => {},
      signal: new AbortController().signal,
      ...context,
    });
  };
  let kept: Promise<Weights> | undefined;
  const weights = (): Promise<Weights> => (kept ??= fit());
  const ready = async (given?: Weights): Promise<Router<object>> => {
    const instance = makeRouter();
    if (fitted) await instance.restore?.(given ?? (await weights()));
    return instance;
  };
  return { needs, rows, fitted, fit, weights, ready };
}

/** The confidences of some inputs, by either of the two methods. */
export async function confidences(
  router: Router<object>,
  inputs: readonly RouterInput<object>[],
): Promise<readonly unknown[]> {
  if (router.scoreBatch !== undefined) return await router.scoreBatch(inputs);
  if (router.score === undefined) throw new Error('it has neither score nor scoreBatch');
  return inputs.map((input) => router.score?.(input));
}

/** Rows without their labels, as `score` gets them. */
export const toInputs = (rows: readonly SyntheticRow[]): readonly RouterInput<object>[] =>
  rows.map(({ query, signals }) => frozen({ query, signals }));

/**
 * Share of pairs of one label-1 and one label-0 row in which the label-1 row has the larger value;
 * ties count half.
 */
export function pairwiseAuroc(values: readonly unknown[], labels: readonly (0 | 1)[]): number {
  let won = 0;
  let pairs = 0;
  values.forEach((own, i) => {
    if (labels[i] !== 1) return;
    values.forEach((other, j) => {
      if (labels[j] !== 0) return;
      const a = (own ?? -Infinity) as number;
      const b = (other ?? -Infinity) as number;
      if (a > b) won++;
      else if (a === b) won += 0.5;
      pairs++;
    });
  });
  return won / pairs;
}

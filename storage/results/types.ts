import type { PerturbationKind } from '../../core/perturbation-kinds.js';
import type { JsonObject } from '../../core/util/json.js';

/**
 * A metric's value, or why there is none. `ci` is the interval from resampling queries, `noCi` the
 * reason why there is none; `spread` is over the training seeds of a fitted router, and not part of
 * `ci`.
 */
export type Measured =
  | {
      readonly value: number;
      readonly ci?: readonly [low: number, high: number];
      readonly noCi?: string;
      readonly spread?: { readonly min: number; readonly max: number };
    }
  | { readonly value: null; readonly reason: string };

/** Metric name → value. */
export type MetricMap = Readonly<Record<string, Measured>>;

/** How many rows there were, and how many had no grade or no confidence. */
export interface RowCounts {
  readonly total: number;
  /** Rows with both grades: the headline is computed on these. */
  readonly scored: number;
  readonly nullWeak: number;
  readonly nullStrong: number;
  /** Among the scored rows, for the first seed. */
  readonly nullConfidence: number;
}

/**
 * The requests of one signal of a router on a dataset. Numbers are null if the backend does not
 * report them, or if the stored signal is gone.
 */
export interface SignalCost {
  readonly signal: string;
  readonly model: string;
  readonly requests: number | null;
  /** Rows whose request failed: they have no signal. Null if this is not counted. */
  readonly failed: number | null;
  /** Replies that could not be read as a judgement; null if there is nothing to read. */
  readonly unread: number | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Null if the config has no price of the model (`prices`). */
  readonly usd: number | null;
}

/**
 * The requests of a router to models on a test dataset, in addition to the weak model's answer. A
 * total is null if a part of it is unknown.
 */
export interface RouterCost {
  /**
   * Whether it uses the weak model's answer, which must then be generated even if the strong model
   * answers in the end.
   */
  readonly needsAnswer: boolean;
  /**
   * Whether it decides before the weak model has answered, or after: then it reads the answer or
   * samples. Absent in older files.
   */
  readonly decides?: 'before' | 'after';
  readonly requests: number | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly usd: number | null;
  readonly signals: readonly SignalCost[];
}

/** Options of a router that were chosen on validation rows, by AUROC. */
export interface ChosenOptions {
  /** Options that were tried, those of the config included. */
  readonly trials: number;
  /** What replaces the options of the config; empty where those were the best. */
  readonly options: JsonObject;
  /** On the validation rows, with the first training seed; null where it is not defined. */
  readonly auroc: number | null;
  /** The same with the options of the config. */
  readonly configAuroc: number | null;
}

/**
 * `results/runs/<run>/<router>/<dataset>.json`. Everything in it is a function of the inputs: no
 * clock, no paths.
 */
export interface RouterResult {
  readonly schema: 1;
  readonly router: string;
  /** The plugin behind it; null for a control. */
  readonly plugin: string | null;
  readonly package: string | null;
  readonly version: number | null;
  readonly dataset: string;
  readonly role: 'in-domain' | 'out-of-domain';
  readonly group: string | null;
  /** The meaning of label 1, and whether the confidence is a logit of its probability. */
  readonly calibrated?: boolean;
  readonly rows: RowCounts;
  /** Independent queries with the label that fewer have: what intervals and ranks stand on. */
  readonly rarerLabel?: number;
  /** Null for a control. */
  readonly cost: RouterCost | null;
  /** Why this cell is not ranked, or null. */
  readonly unranked: string | null;
  /**
   * Why it is unverified: nothing kept the router from reading labels. Null for sandboxed and
   * built-in routers.
   */
  readonly unverifiedReason: string | null;
  /** Headline: the mean over training seeds of each metric on the scored rows. */
  readonly metrics: MetricMap;
  /** Null grades counted as 0. */
  readonly fixedDenominator: MetricMap;
  /** Rows with a null confidence left out. */
  readonly withoutNulls: MetricMap;
  /** One entry per training seed (one entry with seed null for a router that is not fitted). */
  readonly seeds: readonly {
    readonly seed: number | null;
    readonly metrics: MetricMap;
    /**
     * What a fitted router stored with its weights: the training record, layer weights and the
     * like.
     */
    readonly fit?: JsonObject;
  }[];
  /** Options that were chosen on validation rows; absent where none were tried. */
  readonly chosen?: ChosenOptions;
  /**
   * Signals that the router got only partially, such as logits of the likeliest tokens only, or
   * before the final norm; absent if it got everything.
   */
  readonly partialSignals?: readonly string[];
  /** [call rate, mean score] of the first seed at 101 call rates; empty where there is no curve. */
  readonly curve: readonly (readonly [number, number])[];
  /**
   * The reliability curve of the first seed, if the confidence is a probability: mean probability,
   * share with label 1, fraction of rows, for 15 bins.
   */
  readonly reliability?: readonly (readonly [probability: number, right: number, rows: number])[];
  /** Effect of thresholds chosen on validation rows; absent if none were chosen. */
  readonly transfer?: readonly Transfer[];
  /** Whether decisions stay the same on reworded queries; absent if not measured. */
  readonly robustness?: Robustness;
  /** Hashes of the inputs of the numbers: data, grades, bands, weights, config. */
  readonly provenance: JsonObject;
}

/**
 * A threshold that sends a given share of the validation rows to the strong model, applied to the
 * rows of a dataset: means over training seeds.
 */
export interface Transfer {
  /** Share of the validation rows that the threshold was chosen for. */
  readonly callRate: number;
  /**
   * The threshold of each training seed, in the order of `seeds`: rows at or below it go to the
   * strong model. Null where only rows without a confidence go. Absent in files of version 0.1.
   */
  readonly thresholds?: readonly (number | null)[];
  /** Share of the rows of this dataset that it sends; `ci` is Wilson's interval. */
  readonly realised: Measured;
  /** Share of the gap between the models that it recovers. */
  readonly recovery: Measured;
}

/**
 * Decisions on queries of a dataset and on reworded versions of them, at one call rate; means over
 * training seeds. docs/metrics.md, "Robustness".
 */
export interface RobustnessValues {
  /** 1 − the share of decisions that change; `ci` is Wilson's interval. */
  readonly robustness: Measured;
  /** Agreement of the decisions beyond that expected by chance. */
  readonly kappa: Measured;
  /**
   * Bits of information that the decisions on the original queries carry about the query: 0 for a
   * constant router.
   */
  readonly selectionEntropy: Measured;
  /** The same for the decisions on the reworded queries. */
  readonly selectionEntropyPerturbed: Measured;
  /** On the original versions of these queries. */
  readonly auroc: Measured;
  /** Of the confidences on the reworded queries, against the labels of the original ones. */
  readonly aurocPerturbed: Measured;
}

/** Robustness against one kind of perturbation. */
export interface KindRobustness extends RobustnessValues {
  readonly kind: PerturbationKind;
  readonly queries: number;
}

/** Robustness on a dataset: plain means over the kinds of perturbation, and each kind. */
export interface Robustness extends RobustnessValues {
  readonly callRate: number;
  /** Number of queries of the dataset that were reworded. */
  readonly queries: number;
  readonly kinds: readonly KindRobustness[];
  /** Why it is considered a look-up table, or null. */
  readonly lookUp: string | null;
}

/** The same in the leaderboard: for each kind only the decisions. */
export interface LeaderboardRobustness extends Omit<Robustness, 'kinds'> {
  readonly kinds: readonly Pick<KindRobustness, 'kind' | 'queries' | 'robustness' | 'kappa'>[];
}

/** A column of the leaderboard: a dataset, a group of datasets, or one of the two averages. */
export interface LeaderboardColumn {
  readonly name: string;
  readonly role: 'in-domain' | 'out-of-domain';
  readonly kind: 'dataset' | 'group' | 'average';
  /** The columns whose plain mean an average or a group is; empty for a dataset. */
  readonly of: readonly string[];
}

/** What a router asked one model per query. Numbers are null where they are not known. */
export interface RoutingCalls {
  readonly model: string;
  readonly requests: number | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

/**
 * What deciding takes, over all test queries, beside the weak model's answer to queries that it
 * keeps.
 */
export interface Routing {
  /** Before the weak model has answered, or after: then escalated queries pay for both answers. */
  readonly decides: 'before' | 'after';
  /** Whether the weak model's answer is needed for every query. */
  readonly needsAnswer: boolean;
  /** Rank among the ranked routers that decide at the same time; null when unranked. */
  readonly rank: number | null;
  /** Best and worst such rank that the pairwise tests allow. */
  readonly rankRange?: readonly [best: number, worst: number];
  /** By model; empty where it asks none. */
  readonly calls: readonly RoutingCalls[];
  /** US dollars per 1,000 queries; null where it is not known. */
  readonly usd: number | null;
}

/** A row of the leaderboard. */
export interface LeaderboardRow {
  readonly router: string;
  readonly plugin: string | null;
  readonly package: string | null;
  readonly version: number | null;
  readonly control: boolean;
  readonly seeds: readonly number[];
  /** Rank by the leaderboard's headline metric, 1 = best; null when unranked. */
  readonly rank: number | null;
  /** Best and worst rank that the pairwise tests allow; absent if there are no intervals. */
  readonly rankRange?: readonly [best: number, worst: number];
  /**
   * Why it has no rank; null if it has one, and for controls. Unverified rows and look-up tables
   * have none.
   */
  readonly unranked: string | null;
  /** Why it is unverified: nothing kept the router from reading labels; else null. */
  readonly unverifiedReason: string | null;
  /** As in the results. */
  readonly partialSignals?: readonly string[];
  /** Absent for controls, and in older files. */
  readonly routing?: Routing;
  /** Options that were chosen on validation rows; absent where none were tried. */
  readonly chosen?: ChosenOptions;
  /** Training seeds whose fit ended at its limit of epochs; absent where none did. */
  readonly fitLimit?: readonly number[];
  /** column name → metric name → value */
  readonly metrics: Readonly<Record<string, MetricMap>>;
  /** dataset → effect of thresholds chosen on validation rows */
  readonly transfer?: Readonly<Record<string, readonly Transfer[]>>;
  /** dataset → whether decisions stay the same on reworded queries */
  readonly robustness?: Readonly<Record<string, LeaderboardRobustness>>;
}

/** How intervals and rank ranges were made. */
export interface Uncertainty {
  readonly resamples: number;
  readonly level: number;
  /** Pairs of routers that were tested, Holm over all of them. */
  readonly pairs: number;
  /**
   * The smallest difference of the headline metric that a test of two routers would detect in 80 of
   * 100 repetitions, for the median pair; null if there is none.
   */
  readonly detectableGap: number | null;
  /** Why some routers were not tested against others, so that their range holds every rank. */
  readonly untested?: string;
}

/** `results/leaderboard.json`. */
export interface Leaderboard {
  readonly schema: 1;
  readonly run: string;
  /** What ranks are based on, such as auroc on OOD AVG. */
  readonly rankedBy: { readonly metric: string; readonly column: string };
  /** Present where it has only the routers that decide then, with their ranks among themselves. */
  readonly decides?: Routing['decides'];
  /** How intervals and rank ranges were made; absent in leaderboards without them. */
  readonly uncertainty?: Uncertainty;
  readonly columns: readonly LeaderboardColumn[];
  readonly rows: readonly LeaderboardRow[];
  readonly provenance: JsonObject;
}

/** Rows of a set that have no answer, grade or signal for one reason. */
export interface FailedRows {
  readonly model: string;
  /** What the model was asked for, such as `answers` or `logits`. */
  readonly what: string;
  /** Dataset and split. */
  readonly dataset: string;
  readonly code: string;
  /** Of the first of these rows. */
  readonly reason: string;
  readonly rows: number;
  /** Rows of the set. */
  readonly of: number;
  /** One of these rows. */
  readonly id: string;
}

/** What a model's answers to a set are like. */
export interface AnswerCounts {
  readonly model: string;
  /** Dataset and split. */
  readonly dataset: string;
  readonly answers: number;
  /** Answers before which the model thought. */
  readonly thought: number;
  /** Of these: the token limit came before the answer. */
  readonly cutOff: number;
  /** Answers that state nothing a scorer can read, those that were cut off included. */
  readonly unread: number;
}

/** What one call did for a run, and what it cost. */
export interface RunCall {
  /** Hash of all that the numbers are made from: calls with the same one made one run together. */
  readonly configuration: string;
  /** What it worked on: `prepare`, `train`, `eval`. */
  readonly stages: readonly string[];
  /** False where it was stopped, or failed as a whole. */
  readonly ended: boolean;
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  readonly host: JsonObject;
  readonly versions: JsonObject;
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** What trained the routers in this call, such as `kernel` or `tensorflow wasm`. */
  readonly trainers: readonly string[];
  /** Threads that shared the fits; 0 = all were fitted one after another. */
  readonly fitThreads: number;
  /**
   * Requests that each model answered in this call; finished work that was reused is not counted.
   */
  readonly modelCalls: Readonly<Record<string, number>>;
  /** Usage of models that cost something in this call. */
  readonly spend: {
    readonly usd: number | null;
    readonly prices: string | null;
    readonly models: Readonly<Record<string, ModelSpend>>;
  };
  /** Rows that failed in this call or an earlier one; absent if there are none. */
  readonly failedRows?: readonly FailedRows[] | undefined;
  /** The answers of both models to each set; absent until the call has ended. */
  readonly answers?: readonly AnswerCounts[] | undefined;
  /** The router's own milliseconds per query, measured only if it scored in this call. */
  readonly latency: Readonly<
    Record<
      string,
      { readonly p50: number; readonly p95: number; readonly p99: number; readonly queries: number }
    >
  >;
  readonly notes: JsonObject;
}

/** Why a router has no results in a run. */
export interface RunFailure {
  readonly router: string;
  readonly code: string;
  readonly message: string;
}

/**
 * `results/runs/<run>/run.json`: the only file that may differ between two equal runs. What it says
 * of the work is what the first call with the present configuration did; `calls` has every call.
 */
export interface RunRecord extends RunCall {
  readonly schema: 1;
  readonly run: string;
  /** The part of the config that it is of, by name; null = all of it. */
  readonly part: string | null;
  /** Routers that have no results, as the last call that evaluated left them. */
  readonly failures: readonly RunFailure[];
  readonly calls: readonly RunCall[];
}

/** A dataset in one input of a comparison. */
export interface ComparedSet {
  readonly name: string;
  readonly role: RouterResult['role'];
  readonly group: string | null;
  /** Hashes of the inputs of its numbers. */
  readonly provenance: JsonObject;
}

/** A router on a dataset. */
export interface ComparedCell {
  readonly router: string;
  readonly dataset: string;
  readonly plugin: string | null;
  readonly version: number | null;
  readonly calibrated: boolean;
  readonly unranked: string | null;
  readonly seeds: number;
  readonly metrics: MetricMap;
  /** Hashes of everything that decided its confidences, one per training seed; empty if unknown. */
  readonly confidences: readonly string[];
  /** Hash of what its decisions cost, row by row; absent if unknown. */
  readonly costs?: string;
}

/** A grade as it was stored. */
export interface GradeRow {
  readonly id: string;
  readonly value: number | null;
  readonly reason?: string;
  /** The scorer that decided; absent if there is no grade. */
  readonly scorer?: string;
  /** Present if the answer stated nothing that a scorer could read; `reason` says why. */
  readonly unread?: true;
}

/**
 * Usage of one model, as in run.json: of the prompts that were answered, because a failed request
 * reports nothing. Tokens are null if a reply did not report them; dollars also if a price is
 * unknown.
 */
export interface ModelSpend {
  /** Prompts answered by a request. */
  readonly asked: number;
  /** Prompts answered from the answer cache. */
  readonly cached: number;
  readonly failed: number;
  /** Requests sent, retries included. */
  readonly requests: number;
  readonly tokens: {
    readonly prompt: number;
    readonly cachedPrompt: number;
    readonly completion: number;
    readonly reasoning: number;
  } | null;
  readonly usd: number | null;
  readonly servedModels: readonly string[];
  /** Milliseconds per request; never from the cache. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
}

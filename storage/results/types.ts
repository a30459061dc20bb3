import type { PerturbationKind } from '../../core/perturbation-kinds.js';
import type { JsonObject } from '../../core/util/json.js';

/**
 * A metric's value, or why there is none. `ci` is the interval over the drawing of queries, `noCi`
 * why there is none; `spread` is over the
 * training seeds of a fitted router, and is no part of `ci`.
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
  /** Rows with both grades: the headline stands on these. */
  readonly scored: number;
  readonly nullWeak: number;
  readonly nullStrong: number;
  /** Among the scored rows, of the first seed. */
  readonly nullConfidence: number;
}

/**
 * What one signal of a router took on a set. Numbers are null where the backend does not tell them
 * (readings of a prompt, embeddings), or where the stored signal is gone.
 */
export interface SignalCost {
  readonly signal: string;
  readonly model: string;
  readonly requests: number | null;
  /** Rows whose request failed: they have no signal. Null where it is not counted. */
  readonly failed: number | null;
  /** Replies that could not be read as a judgement; null where there is nothing to read. */
  readonly unread: number | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  /** Null where the config has no price of the model (`prices`). */
  readonly usd: number | null;
}

/**
 * What a router asked of models on a test set, beside the weak model's answer. A total is null
 * where a part of it is unknown.
 */
export interface RouterCost {
  /**
   * Whether it looks at the weak model's answer, which then has to be made even where the strong
   * model answers in the end.
   */
  readonly needsAnswer: boolean;
  readonly requests: number | null;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly usd: number | null;
  readonly signals: readonly SignalCost[];
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
  /** What the label 1 means, and whether the confidence is a logit of its probability. */
  readonly calibrated?: boolean;
  readonly rows: RowCounts;
  /** Null for a control. */
  readonly cost: RouterCost | null;
  /** Why this cell is not ranked, or null. */
  readonly unranked: string | null;
  /**
   * Why it is only self-reported: nothing kept the router from labels. Null where a wall did, and
   * for what is our own.
   */
  readonly unverifiedReason: string | null;
  /** Headline: the mean over training seeds of each metric on the scored rows. */
  readonly metrics: MetricMap;
  /** Null grades counted as 0. */
  readonly fixedDenominator: MetricMap;
  /** Rows with a null confidence left out. */
  readonly withoutNulls: MetricMap;
  /** One entry a training seed (one entry with seed null for a router that is not fitted). */
  readonly seeds: readonly {
    readonly seed: number | null;
    readonly metrics: MetricMap;
    /**
     * What a fitted router stored with its weights: how training went, layer weights and the like.
     */
    readonly fit?: JsonObject;
  }[];
  /**
   * What the router got only a part of, such as logits of the likeliest tokens only, or before its
   * norm; left out where it got all.
   */
  readonly partialSignals?: readonly string[];
  /** [call rate, mean score] of the first seed at 101 call rates; empty where there is no curve. */
  readonly curve: readonly (readonly [number, number])[];
  /**
   * The reliability curve of the first seed, where the confidence is a probability: mean
   * probability, share with label 1, mass in rows of 15 bins.
   */
  readonly reliability?: readonly (readonly [probability: number, right: number, rows: number])[];
  /** What thresholds chosen on validation rows do here; absent where none were chosen. */
  readonly transfer?: readonly Transfer[];
  /**
   * Whether it decides the same where queries are worded otherwise; absent where that was not
   * looked at.
   */
  readonly robustness?: Robustness;
  /** What the numbers stand on: data, grades, bands, weights, config. */
  readonly provenance: JsonObject;
}

/**
 * A threshold that sends a share of the validation rows to the strong model, on the rows of a set:
 * means over training seeds.
 */
export interface Transfer {
  /** Share of the validation rows that the threshold was chosen for. */
  readonly callRate: number;
  /** Share of the rows of this set that it sends; `ci` is Wilson's interval. */
  readonly realised: Measured;
  /** Share of the gap between the models that this recovers. */
  readonly recovery: Measured;
}

/**
 * Decisions on queries of a set and on other wordings of them, at one call rate; means over
 * training seeds. docs/metrics.md, "Robustness".
 */
export interface RobustnessValues {
  /** 1 − the share of decisions that change; `ci` is Wilson's interval. */
  readonly robustness: Measured;
  /** Agreement of the decisions beyond that of chance. */
  readonly kappa: Measured;
  /**
   * Bits that the decisions on the queries as they are tell of the query: 0 for a constant router.
   */
  readonly selectionEntropy: Measured;
  /** The same of the decisions on the other wordings. */
  readonly selectionEntropyPerturbed: Measured;
  /** On these queries as they are. */
  readonly auroc: Measured;
  /** Of the confidences on the other wordings, against the labels of the queries as they are. */
  readonly aurocPerturbed: Measured;
}

/** Robustness against one kind of perturbation. */
export interface KindRobustness extends RobustnessValues {
  readonly kind: PerturbationKind;
  readonly queries: number;
}

/** Robustness on a set: plain means over the kinds of perturbation, and each kind. */
export interface Robustness extends RobustnessValues {
  readonly callRate: number;
  /** Queries of the set that were worded otherwise. */
  readonly queries: number;
  readonly kinds: readonly KindRobustness[];
  /** Why it is taken for a look-up table, or null. */
  readonly lookUp: string | null;
}

/** The same as the board has it: of the kinds only what decisions do. */
export interface LeaderboardRobustness extends Omit<Robustness, 'kinds'> {
  readonly kinds: readonly Pick<KindRobustness, 'kind' | 'queries' | 'robustness' | 'kappa'>[];
}

/** A column of the board: a dataset, a group of datasets, or one of the two averages. */
export interface LeaderboardColumn {
  readonly name: string;
  readonly role: 'in-domain' | 'out-of-domain';
  readonly kind: 'dataset' | 'group' | 'average';
  /** The columns that an average or a group is the plain mean of; empty for a dataset. */
  readonly of: readonly string[];
}

/** A line of the board. */
export interface LeaderboardRow {
  readonly router: string;
  readonly plugin: string | null;
  readonly package: string | null;
  readonly version: number | null;
  readonly control: boolean;
  readonly seeds: readonly number[];
  /** Rank by the leaderboard's headline metric, 1 = best; null when unranked. */
  readonly rank: number | null;
  /**
   * Best and worst rank that the pairwise tests leave open; absent where there are no intervals.
   */
  readonly rankRange?: readonly [best: number, worst: number];
  /**
   * Why it has no rank; null where it has one, and for controls. A self-reported row has none, nor
   * one of a look-up table.
   */
  readonly unranked: string | null;
  /** Why it is only self-reported: nothing kept the router from labels; else null. */
  readonly unverifiedReason: string | null;
  /** As in the results. */
  readonly partialSignals?: readonly string[];
  /** column name → metric name → value */
  readonly metrics: Readonly<Record<string, MetricMap>>;
  /** set → what thresholds chosen on validation rows do there */
  readonly transfer?: Readonly<Record<string, readonly Transfer[]>>;
  /** set → whether it decides the same where queries are worded otherwise */
  readonly robustness?: Readonly<Record<string, LeaderboardRobustness>>;
}

/** How intervals and rank ranges were made. */
export interface Uncertainty {
  readonly resamples: number;
  readonly level: number;
  /** Pairs of routers that were tested, Holm over all of them. */
  readonly pairs: number;
  /**
   * The smallest difference of the headline metric that a test of two routers would find in 80 of
   * 100 repetitions, at the median pair; null where there is none.
   */
  readonly detectableGap: number | null;
}

/** `results/leaderboard.json`. */
export interface Leaderboard {
  readonly schema: 1;
  readonly run: string;
  /** What the ranks are made by, such as auroc on OOD AVG. */
  readonly rankedBy: { readonly metric: string; readonly column: string };
  /** How intervals and rank ranges were made; absent on boards without. */
  readonly uncertainty?: Uncertainty;
  readonly columns: readonly LeaderboardColumn[];
  readonly rows: readonly LeaderboardRow[];
  readonly provenance: JsonObject;
}

/** `results/runs/<run>/run.json`: the only file that may differ between two equal runs. */
export interface RunRecord {
  readonly schema: 1;
  readonly run: string;
  readonly started: string;
  readonly finished: string;
  readonly seconds: number;
  readonly host: JsonObject;
  readonly versions: JsonObject;
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  /** What computed the fits of this call, such as `kernel` or `tensorflow wasm`. */
  readonly trainers: readonly string[];
  /** Threads that fits were shared out among; 0 = all were fitted one after the other. */
  readonly fitThreads: number;
  /** Requests each model answered in this call; work that was found finished is not counted. */
  readonly modelCalls: Readonly<Record<string, number>>;
  /** What models that cost something took in this call. */
  readonly spend: {
    readonly usd: number | null;
    readonly prices: string | null;
    readonly models: Readonly<Record<string, ModelSpend>>;
  };
  /** The router's own milliseconds per query, measured only where it scored in this call. */
  readonly latency: Readonly<
    Record<
      string,
      { readonly p50: number; readonly p95: number; readonly p99: number; readonly queries: number }
    >
  >;
  readonly notes: JsonObject;
}

/** A set as a side knows it. */
export interface ComparedSet {
  readonly name: string;
  readonly role: RouterResult['role'];
  readonly group: string | null;
  /** What its numbers stand on. */
  readonly provenance: JsonObject;
}

/** A router on a set. */
export interface ComparedCell {
  readonly router: string;
  readonly dataset: string;
  readonly plugin: string | null;
  readonly version: number | null;
  readonly calibrated: boolean;
  readonly unranked: string | null;
  readonly seeds: number;
  readonly metrics: MetricMap;
  /**
   * Hashes of all that made its confidences, one a training seed; empty where the side does not
   * know.
   */
  readonly confidences: readonly string[];
  /** Hash of what its decisions cost, row by row; left out where that is not known. */
  readonly costs?: string;
}

/** A grade as it was stored. */
export interface GradeRow {
  readonly id: string;
  readonly value: number | null;
  readonly reason?: string;
  /** The scorer that decided; none where there is no grade. */
  readonly scorer?: string;
}

/**
 * What one model took, as run.json holds it: of the prompts that were answered, since a failed
 * request tells nothing. Tokens are null where a reply did not tell; dollars too where a price is
 * unknown.
 */
export interface ModelSpend {
  /** Prompts that were answered by asking. */
  readonly asked: number;
  /** Prompts that the answer cache knew. */
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
  /** Milliseconds a request; never from the cache. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
}

/** What reporters receive: a finished run, comparison, check, or table of pairs, as plain data. */
import type { Leaderboard, Measured, RouterResult, RunCall } from '../storage/results/types.js';
import type { Difference } from './comparison/compare.js';
import type { Flips } from './comparison/flips.js';
import type { GateResult } from './comparison/verdict.js';

/** A metric as a reporter needs it. */
export interface ReportedMetric {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  readonly better: 'higher' | 'lower';
}

/** An error of a run: a router that failed while the others continued. */
export interface ReportedFailure {
  /** Code of the error catalogue, such as `RXB6001`. */
  readonly code: string;
  readonly problem: string;
  /** Where in the user's files. */
  readonly location?: string | undefined;
  readonly fix: string;
}

/** A finished run, or the leaderboard of the last run (`rxb leaderboard`). */
export interface RunReport {
  readonly kind: 'run';
  /** Name of the run: its folder under `runs` in the folder of results. */
  readonly run: string;
  readonly leaderboard: Leaderboard;
  /** Every metric that the leaderboard may have, in the order in which they are shown. */
  readonly metrics: readonly ReportedMetric[];
  /** The metric that the user asked for (`--metric`); null = the one that ranks. */
  readonly metric: string | null;
  /** Test sets, in the order of the config. */
  readonly sets: readonly string[];
  /** Results of every router and control on every test set, with the points of their curves. */
  readonly results: readonly RouterResult[];
  readonly failures: readonly ReportedFailure[];
  /** Splits that share questions. */
  readonly overlap: readonly object[];
  /** Time, calls and cost; null for `rxb leaderboard`, which runs nothing. */
  readonly call: RunCall | null;
  /** Milliseconds per query of each router's own code, where that was measured. */
  readonly latency: RunCall['latency'];
  /** Paths for people, relative to the working directory. */
  readonly paths: { readonly results: string; readonly run: string };
}

/** A run, file or commit that was compared. */
export interface ReportedSource {
  /** What the user called it, such as `git:main`. */
  readonly label: string;
  readonly kind: string;
}

/** Differences of two runs, files or commits. */
export interface ComparisonReport {
  readonly kind: 'comparison';
  readonly baseline: ReportedSource;
  readonly candidate: ReportedSource;
  /** Level of the intervals, such as 0.95. */
  readonly level: number;
  /** Call rate at which the search for flipped queries was made. */
  readonly callRate: number;
  readonly differences: readonly Difference[];
  readonly flips: readonly Flips[];
  /** Routers and sets that only the baseline or only the candidate has. */
  readonly only: { readonly baseline: readonly string[]; readonly candidate: readonly string[] };
}

/** The verdict of the gate (`rxb check`). */
export interface CheckReport extends GateResult {
  readonly kind: 'check';
  readonly run: string;
  readonly baseline: string;
  readonly level: number;
  /** Whether "inconclusive" counts as a failure. */
  readonly strict: boolean;
  readonly exitCode: number;
  /** Routers and sets that only the baseline or only the run has. */
  readonly onlyBaseline: readonly string[];
  readonly onlyRun: readonly string[];
}

/** The result of one pair of models. */
export interface PairRow {
  /** Its folder under results/runs. */
  readonly run: string;
  readonly weak: string;
  readonly strong: string;
  /** Mean over sets of the mean recorded grade. */
  readonly weakScore: number;
  readonly strongScore: number;
  /** Router → the headline metric; empty where the pair could not be run. */
  readonly values: Readonly<Record<string, Measured>>;
  /** Why the pair, or some routers of it, could not be run. */
  readonly failures: readonly string[];
}

/** `results/pairs.json`. */
export interface PairsLeaderboard {
  readonly schema: 1;
  readonly run: string;
  readonly rankedBy: { readonly metric: string; readonly column: string };
  readonly pairs: readonly PairRow[];
}

/** A run of every two recorded models (`rxb pairs`). */
export interface PairsReport {
  readonly kind: 'pairs';
  readonly leaderboard: PairsLeaderboard;
  /** Paths for people, relative to the working directory. */
  readonly paths: { readonly results: string; readonly file: string };
}

/** Anything that is reported; `kind` tells which. */
export type Report = RunReport | ComparisonReport | CheckReport | PairsReport;

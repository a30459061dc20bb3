/**
 * results/baseline.json: the numbers that a gate compares with; next to it baseline.rows.json, the
 * order of queries that makes comparisons paired.
 */
import type { ComparedCell, ComparedSet } from './types.js';

/** A baseline. Only `rxb baseline accept` writes it. */
export interface Baseline {
  readonly schema: 1;
  readonly run: string;
  /** Who accepted it, when, why, and for which inputs. */
  readonly accepted: {
    readonly reason: string;
    readonly at: string;
    readonly git: { readonly commit: string; readonly dirty: boolean } | null;
    readonly routerxbench: string;
  };
  readonly datasets: readonly ComparedSet[];
  readonly cells: readonly ComparedCell[];
  /** Hash of its rows; null if they were left out. */
  readonly rows: string | null;
}

/**
 * The order in which each router would escalate the queries of each dataset: packed ranks, one per
 * training seed, in ascending order of ids.
 */
export interface BaselineRows {
  readonly schema: 1;
  readonly of: string | null;
  readonly ranks: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Name of the file of rows next to a baseline. */
export const baselineRowsName = (baseline: string): string =>
  baseline.replace(/\.json$/, '.rows.json');

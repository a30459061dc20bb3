/** What a plan holds. */
import type { Model, ModelInfo } from '../../core/contracts.js';
import type { HarnessError, HarnessErrors } from '../../core/errors.js';
import type { SharedQuestions } from '../hygiene.js';
import type { ProjectMetric } from './metrics.js';
import type { PlannedScorer } from './scorer.js';
import type { DatasetDefinition, RouterDefinition } from '../../core/definitions.js';
import type { JsonObject } from '../../core/util/json.js';
import type { LabelRule } from '../protocol/label.js';
import type { Project } from '../project.js';
import type { PerturbedSet } from '../perturbed-set.js';
import type { Generation } from '../prompts.js';
import type { QuerySet } from '../query-set.js';
import type { RouterInstance } from '../../core/router-instance.js';
import type { SignalRequest } from '../../core/signals/requests.js';

/** What part of a project to work on; left out = all that the config lists. */
export interface Selection {
  readonly datasets?: readonly string[] | undefined;
  readonly routers?: readonly string[] | undefined;
  /**
   * Open the fit rows of all in-domain sets though no router is fitted; models that are not asked
   * may be missing.
   */
  readonly fitRows?: boolean;
}

/** A model of the config, ready to be asked. */
export interface PlannedModel {
  readonly name: string;
  readonly backend: string;
  readonly model: Model;
  readonly info: ModelInfo;
  readonly generation: Generation;
  /** Hash of the code of a third-party backend; null for a built-in one. */
  readonly code: string | null;
}

/** A dataset of the config with its scorers and the splits in use. */
export interface PlannedSet {
  readonly name: string;
  readonly role: 'in-domain' | 'out-of-domain';
  readonly group: string | null;
  readonly definition: DatasetDefinition;
  readonly package: string;
  readonly label: LabelRule;
  /** Each grades what those before it could not. */
  readonly scorers: readonly PlannedScorer[];
  /** False where the set is here only to be fitted on. */
  readonly tested: boolean;
  readonly test: QuerySet;
  /**
   * Some of its queries in other words; null where the config does not ask for that, or nothing can
   * be changed.
   */
  readonly perturbed: PerturbedSet | null;
  /** Only for in-domain sets, and only where a router is fitted. */
  readonly fit: QuerySet | null;
}

/** Options that were tried for a router, and which were taken. */
export interface Choice {
  /** AUROC on the validation rows; null where the fit failed, or where it is not defined. */
  readonly trials: readonly { readonly options: JsonObject; readonly auroc: number | null }[];
  /** Position of the trial that was taken. */
  readonly chosen: number;
}

/** A router of the config. */
export interface PlannedRouter {
  readonly name: string;
  readonly definition: RouterDefinition;
  readonly package: string;
  /** Hash of the code of a third-party router; null for a built-in one. */
  readonly code: string | null;
  readonly options: unknown;
  /** Options that replace those of the config: what was chosen on validation rows. */
  readonly chosen: JsonObject;
  /**
   * What may be chosen instead, each a part of the options; the first is empty. Fewer than two
   * where nothing is chosen.
   */
  readonly trials: readonly JsonObject[];
  /** The same router with some options replaced. @throws HarnessError as opening it does */
  readonly withOptions: (over: JsonObject) => Promise<PlannedRouter>;
  /** What was tried, once something was chosen. */
  readonly choice?: Choice;
  readonly needs: readonly SignalRequest[];
  readonly fitted: boolean;
  /** A new instance, one for every fit and every set that is scored. */
  readonly make: () => RouterInstance;
  /**
   * Why its rows are unverified: it did not run in a sandbox without labels. Null where it
   * did, and for built-in routers.
   */
  readonly unverifiedReason: string | null;
  /** Whether it runs in a process of its own. */
  readonly isolated: boolean;
}

/** A router of the config that cannot be used, or failed. The others are not affected. */
export interface FailedRouter {
  readonly router: string;
  readonly errors: readonly HarnessError[];
}

/** A run that can be done. */
export interface Plan {
  readonly project: Project;
  /** Hash of the code of the harness. */
  readonly harness: string;
  readonly models: ReadonlyMap<string, PlannedModel>;
  /** Models that cannot be opened, and why. */
  readonly unopened: ReadonlyMap<string, HarnessErrors>;
  readonly sets: readonly PlannedSet[];
  readonly routers: readonly PlannedRouter[];
  /** Routers that were asked for and cannot be used. */
  readonly refused: readonly FailedRouter[];
  /** All that every router is measured with, in the order in which they are shown. */
  readonly metrics: readonly ProjectMetric[];
  /** Fit rows that are test rows too. */
  readonly shared: readonly SharedQuestions[];
  /** Questions that test sets share. */
  readonly between: () => readonly SharedQuestions[];
  /** Names of all routers that the config lists, in the plan or not. */
  readonly listed: readonly string[];
}

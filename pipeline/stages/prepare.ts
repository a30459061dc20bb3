/** Answers, grades and signals of every set that the plan uses. */
import type { SignalRequest } from '../../core/signals/requests.js';
import { getSignal, SIGNALS } from '../../core/signals/table.js';
import { PipelineError } from '../errors.js';
import type { PlannedSet } from '../planning/planned.js';
import type { RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import { getPart } from '../signals/requests.js';
import { answer } from './answer.js';
import { grade } from './grade.js';
import { observe } from './observe.js';
import {
  getLabelSides,
  getSignals,
  namePrepared,
  SIDES,
  type GradedQueries,
  type Prepared,
  type PreparedQueries,
  type Side,
} from './prepared.js';

/** The parts of preparing that `--only` can name: answers, grades, and the kinds of signal. */
export const PARTS: readonly string[] = [
  ...new Set(['answers', 'grades', ...SIGNALS.map(getPart)]),
];

/** One query set to prepare. */
export interface Job {
  readonly set: PlannedSet;
  /** Handles of what is to be made. */
  readonly stored: PreparedQueries;
  /**
   * Whose answers are graded, and the handles of the grades: both models on test rows, the strong
   * one on fit rows only where labels compare the two, none on perturbed rows.
   */
  readonly graded: { readonly sides: readonly Side[]; readonly stored: GradedQueries } | null;
  readonly signals: readonly StoredSignal[];
}

/** What is to be made of each query set of a plan. */
export function buildJobs({ plan }: RunContext, { sets }: Prepared): readonly Job[] {
  const { routers, project } = plan;
  const collectNeeds = (fitRows: boolean): readonly SignalRequest[] =>
    routers
      .filter(({ fitted }) => !fitRows || fitted || project.config.protocol.transfer === 'all')
      .flatMap((router) => router.needs);
  const fitNeeds = collectNeeds(true);
  const testNeeds = collectNeeds(false);
  return sets.flatMap(({ set, fit, test, perturbed }): readonly Job[] => {
    const jobs: Job[] = [];
    if (fit !== null) {
      const graded = { sides: getLabelSides(set), stored: fit };
      jobs.push({ set, stored: fit, graded, signals: getSignals(fit, fitNeeds) });
    }
    if (set.tested) {
      const graded = { sides: SIDES, stored: test };
      jobs.push({ set, stored: test, graded, signals: getSignals(test, testNeeds) });
    }
    if (set.tested && perturbed !== null) {
      const signals = getSignals(perturbed, testNeeds);
      jobs.push({ set, stored: perturbed, graded: null, signals });
    }
    return jobs;
  });
}

const getSignalPart = ({ request }: StoredSignal): string => getPart(getSignal(request));

/** Refuses a part that no router of the run needs. */
function refuseIdle(only: readonly string[], jobs: readonly Job[]): void {
  const asked = new Set([
    'answers',
    'grades',
    ...jobs.flatMap(({ signals }) => signals.map(getSignalPart)),
  ]);
  const idle = only.find((part) => !asked.has(part));
  if (idle !== undefined)
    throw new PipelineError('nothingToDo', { what: `no router of this run needs "${idle}"` });
}

/**
 * Makes what is missing and returns handles of all of it. The two models work side by side. `only`:
 * the parts to make; left out = all.
 */
export async function prepare(context: RunContext, only?: readonly string[]): Promise<Prepared> {
  const wanted = (part: string): boolean => only === undefined || only.includes(part);
  const prepared = namePrepared(context);
  const jobs = buildJobs(context, prepared);
  if (only !== undefined) refuseIdle(only, jobs);
  const answerAndGrade = async (side: Side, { set, graded }: Job): Promise<void> => {
    if (graded?.sides.includes(side) !== true) return;
    if (wanted('answers')) await answer(context, side, graded.stored);
    if (wanted('grades')) await grade(context, side, set, graded.stored);
  };
  const weak = async (): Promise<void> => {
    for (const job of jobs) {
      await answerAndGrade('weak', job);
      const signals = job.signals.filter((signal) => wanted(getSignalPart(signal)));
      await observe(context, job.stored, signals);
    }
  };
  const strong = async (): Promise<void> => {
    for (const job of jobs) await answerAndGrade('strong', job);
  };
  // Both are waited for before an error is passed on, so that nothing writes after the run has
  // ended.
  const ends = await Promise.allSettled([weak(), strong()]);
  await context.spend.claim.release(); // later stages ask no model
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return prepared;
}

/** Answers, grades and signals of every set that the plan uses. */
import type { PlannedSet } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import type { SignalKind, SignalRequest } from '../../core/signals/requests.js';
import { answer } from './answer.js';
import { grade } from './grade.js';
import { observe } from './observe.js';
import { PipelineError } from '../errors.js';

/** The parts of preparing that `--only` can name. */
export const PARTS = [
  'answers',
  'grades',
  'logits',
  'hidden-states',
  'embeddings',
  'class-logits',
  'samples',
  'sample-embeddings',
  'replies',
  'choice-logprobs',
  'entailment',
] as const;

/** One of them. */
export type Part = (typeof PARTS)[number];

const PART_OF: Readonly<Record<SignalKind, Part>> = {
  answer: 'answers',
  logits: 'logits',
  'hidden-states': 'hidden-states',
  embedding: 'embeddings',
  'class-logits': 'class-logits',
  samples: 'samples',
  'sample-embeddings': 'sample-embeddings',
  reply: 'replies',
  'choice-logprobs': 'choice-logprobs',
  entailment: 'entailment',
};

/** One set to prepare. */
export interface Job {
  readonly set: PlannedSet;
  readonly queries: QuerySet;
  /**
   * Models whose answers are graded: both on test rows, the strong one on fit rows only where
   * labels compare the two, none on perturbed rows.
   */
  readonly graded: readonly ('weak' | 'strong')[];
  readonly requests: readonly SignalRequest[];
}

const WEAK = ['weak'] as const;
const BOTH = ['weak', 'strong'] as const;

/** The sets of a plan, and what is to be made of each. */
export const buildJobs = (context: RunContext): readonly Job[] => {
  const needs = (fitted: boolean): readonly SignalRequest[] =>
    context.plan.routers
      .filter(
        (router) =>
          !fitted || router.fitted || context.plan.project.config.protocol.transfer === 'all',
      )
      .flatMap((router) => router.needs);
  return context.plan.sets.flatMap((set): readonly Job[] => [
    ...(set.fit === null
      ? []
      : [
          {
            set,
            queries: set.fit,
            graded: set.label.kind === 'at-least-strong' ? BOTH : WEAK,
            requests: needs(true),
          },
        ]),
    ...(set.tested ? [{ set, queries: set.test, graded: BOTH, requests: needs(false) }] : []),
    ...(set.tested && set.perturbed !== null
      ? [{ set, queries: set.perturbed.queries, graded: [], requests: needs(false) }]
      : []),
  ]);
};

/** Makes what is missing. The two models work side by side. */
export async function prepare(context: RunContext, only?: readonly Part[]): Promise<void> {
  const wanted = (part: Part): boolean => only === undefined || only.includes(part);
  const jobs = buildJobs(context);
  const asked = new Set<Part>([
    'answers',
    'grades',
    ...jobs.flatMap(({ requests }) => requests.map(({ kind }) => PART_OF[kind])),
  ]);
  const idle = only?.find((part) => !asked.has(part));
  if (idle !== undefined)
    throw new PipelineError('nothingToDo', { what: `no router of this run needs "${idle}"` });

  const weak = async (): Promise<void> => {
    for (const { set, queries, graded, requests } of jobs) {
      if (graded.includes('weak') && wanted('answers')) await answer(context, 'weak', queries);
      if (graded.includes('weak') && wanted('grades')) await grade(context, 'weak', set, queries);
      await observe(
        context,
        requests.filter(({ kind }) => wanted(PART_OF[kind])),
        queries,
      );
    }
  };
  const strong = async (): Promise<void> => {
    for (const { set, queries, graded } of jobs) {
      if (!graded.includes('strong')) continue;
      if (wanted('answers')) await answer(context, 'strong', queries);
      if (wanted('grades')) await grade(context, 'strong', set, queries);
    }
  };
  // Both are waited for before an error is passed on, so that nothing writes after the run has
  // ended.
  const ends = await Promise.allSettled([weak(), strong()]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

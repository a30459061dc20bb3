/** Answers → grades. */
import type {
  Completion,
  DatasetRow,
  GenerateSettings,
  Grade,
  GradeContext,
  GradedAnswer,
  ModelPrompt,
  Outcome,
} from '../../core/contracts.js';
import { HarnessError, getErrorMessage } from '../../core/errors.js';
import type { PlannedSet } from '../planning/planned.js';
import type { PlannedScorer } from '../planning/scorer.js';
import type { GradeRow } from '../../storage/results/types.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { Artifact } from '../../storage/artifact.js';
import type { AnswerRow } from './answer.js';
import { askTexts, shardsAtOnce } from './ask.js';
import type { GradedQueries, Side } from './prepared.js';
import { NO_ANSWER } from './failure-codes.js';
import { produce } from './produce.js';
import { addLimit, findUnreadable, type Thought, type UnreadPolicy } from './unread.js';
import { StorageError } from '../../storage/errors.js';
import { PipelineError } from '../errors.js';

/** Models of the config that a set's scorer asks. */
export const getJudges = ({ scorers }: PlannedSet): readonly string[] => [
  ...new Set(scorers.flatMap(({ models }) => models)),
];

/**
 * Lets scorers ask models one prompt at a time while the model is asked in blocks: all prompts that
 * wait at one moment are sent together.
 */
export const asking = (context: RunContext): GradeContext => {
  interface Waiting {
    readonly prompt: ModelPrompt;
    readonly resolve: (outcome: Outcome<Completion>) => void;
    readonly reject: (error: unknown) => void;
  }
  const queues = new Map<string, Waiting[]>();
  const flush = async (key: string, model: string, settings: GenerateSettings): Promise<void> => {
    const waiting = queues.get(key) ?? [];
    queues.delete(key);
    try {
      const outcomes = await askTexts(
        context,
        plannedModel(context.plan, model),
        waiting.map(({ prompt }) => prompt),
        { ...settings, n: 1 },
        () => {},
      );
      outcomes.forEach((outcome, i) =>
        waiting[i]?.resolve(
          outcome.ok ? { ok: true, value: outcome.value[0] as Completion } : outcome,
        ),
      );
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };
  return {
    ask: (model, prompt, settings) =>
      new Promise((resolve, reject) => {
        const key = JSON.stringify([model, settings]);
        const queue = queues.get(key);
        if (queue !== undefined) queue.push({ prompt, resolve, reject });
        else {
          queues.set(key, [{ prompt, resolve, reject }]);
          setImmediate(() => void flush(key, model, settings));
        }
      }),
  };
};

/** What a scorer is given of a stored answer. */
const toGradedAnswer = ({ text, recordedGrade, further }: GradedAnswer): GradedAnswer => ({
  text,
  ...(recordedGrade === undefined ? {} : { recordedGrade }),
  ...(further === undefined ? {} : { further }),
});

/** What a row is graded by: a chain on a scale, and what unread answers count as. */
export interface Grading {
  readonly scorers: readonly PlannedScorer[];
  readonly scale: readonly [number, number];
  readonly unread: UnreadPolicy;
}

/** The grade of an answer that states nothing. */
const gradeUnread = (
  { scale: [min], unread }: Grading,
  { id }: DatasetRow,
  reason: string,
): GradeRow => ({ id, value: unread === 'wrong' ? min : null, unread: true, reason });

/**
 * The grade of the first scorer that has one. Where none has: that of an unread answer if none
 * found anything stated in it, else null with the reasons of all.
 */
export async function gradeRow(
  grading: Grading,
  row: DatasetRow,
  given: Thought & GradedAnswer,
  context: GradeContext,
  signal: AbortSignal,
): Promise<GradeRow> {
  const {
    scorers,
    scale: [min, max],
  } = grading;
  const unreadable = findUnreadable(given);
  if (unreadable !== undefined) return gradeUnread(grading, row, unreadable);
  const answer = toGradedAnswer(given);
  const reasons: string[] = [];
  let unread = true;
  for (const { name, instance } of scorers) {
    let grade: Grade;
    try {
      grade = await instance.grade(row, answer, context);
    } catch (cause) {
      if (cause instanceof HarnessError || signal.aborted) throw cause;
      throw new HarnessError(
        'brokenPluginContract',
        { kind: 'scorer', name, problem: `it threw on "${row.id}": ${getErrorMessage(cause)}` },
        { cause },
      );
    }
    if (grade.value === null) {
      reasons.push(scorers.length === 1 ? grade.reason : `${name}: ${grade.reason}`);
      unread &&= grade.unread === true;
    } else if (typeof grade.value === 'number' && grade.value >= min && grade.value <= max)
      return { id: row.id, value: grade.value, scorer: name };
    else
      throw new PipelineError('gradeOutOfRange', {
        scorer: name,
        value: String(grade.value),
        id: row.id,
        min,
        max,
      });
  }
  const reason = reasons.join('; ');
  return unread
    ? gradeUnread(grading, row, addLimit(reason, given))
    : { id: row.id, value: null, reason };
}

/** Makes the missing grades of a model's answers to a set. */
export async function grade(
  context: RunContext,
  side: Side,
  set: PlannedSet,
  { queries, answers: { [side]: answers }, grades: { [side]: artifact } }: GradedQueries,
): Promise<void> {
  const gradeContext = asking(context);
  const judges = getJudges(set);
  const grading: Grading = {
    scorers: set.scorers,
    scale: set.definition.scale,
    unread: context.plan.project.config.protocol.unread,
  };
  await produce(
    context,
    `grade ${side} on ${queries.dataset}/${queries.split}`,
    queries,
    [artifact],
    async (rows, shard, _missing, task) => {
      const given = new Map((await answers.readRows<AnswerRow>(shard)).map((row) => [row.id, row]));
      const graded = await Promise.all(
        rows.map(async (row): Promise<GradeRow> => {
          const answerRow = given.get(row.id);
          if (answerRow === undefined)
            throw new StorageError('damagedArtifact', {
              file: answers.file(shard),
              problem: `it has no row "${row.id}"`,
            });
          if ('error' in answerRow)
            return { id: row.id, value: null, reason: `${NO_ANSWER}${answerRow.error.message}` };
          return await gradeRow(grading, row, answerRow, gradeContext, context.signal);
        }),
      );
      await artifact.writeRows(shard, graded);
      task.advance(rows.length);
    },
    {
      atOnce: Math.max(
        1,
        ...judges.map((judge) => shardsAtOnce(plannedModel(context.plan, judge), 'generate')),
      ),
      // where a model was asked it may have failed; asking again would not change other nulls
      ...(judges.length === 0
        ? {}
        : {
            failed: async (stored: Artifact) =>
              await stored.shardsWith<GradeRow>(
                ({ value, unread }) => value === null && unread !== true,
              ),
          }),
    },
  );
}

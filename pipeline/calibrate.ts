/** How far a scorer agrees with another one, or with people. */
import { isObject } from '../core/util/json.js';
import { HarnessError, getErrorMessage } from '../core/errors.js';
import { computeAgreement, classified, type Agreement } from '../analysis/metrics/agreement.js';
import type { ScorerEntry } from './planning/scorer.js';
import type { Project } from './project.js';
import type { DatasetRow } from '../core/contracts.js';
import type { GradeRow } from '../storage/results/types.js';
import type { Artifact } from '../storage/artifact.js';
import type { PlannedSet } from './planning/planned.js';
import {
  gradedBy,
  onSets,
  openAllAnswered,
  planChain,
  type Chain,
  type SetOptions,
} from './rescore.js';
import type { RunContext } from './run-context.js';
import type { AnswerRow } from './stages/answer.js';
import { asking, grade, gradeRow } from './stages/grade.js';
import { nameGraded, readGrades, SIDES, type Side } from './stages/prepared.js';
import { PipelineError } from './errors.js';
import { separateText, type Separated } from './separate-thinking.js';

/** What to compare with. */
export type Against = { readonly scorer: readonly ScorerEntry[] } | { readonly file: string };

/** An answer with both grades. */
interface CalibrationRow {
  readonly dataset: string;
  readonly model: string | null;
  readonly id: string;
  readonly answer: string;
  readonly reference: string;
  readonly ours: number | null;
  readonly theirs: number | null;
  /** Why our scorer has no grade. */
  readonly reason?: string;
}

/** The result of a calibration. */
export interface Calibration {
  readonly scorer: string;
  readonly against: string;
  /** Rows that only one of the two graded, or neither. */
  readonly nulls: { readonly ours: number; readonly theirs: number; readonly both: number };
  readonly total: Agreement;
  readonly datasets: readonly { readonly dataset: string; readonly agreement: Agreement }[];
  /** Every row that the two put into different classes. */
  readonly disagreements: readonly CalibrationRow[];
}

function computeCalibration(
  rows: readonly CalibrationRow[],
  settings: {
    readonly scorer: string;
    readonly against: string;
    readonly scales: readonly [Chain['scale'], Chain['scale']];
    readonly threshold: number | undefined;
  },
): Calibration {
  const graded = rows.filter(({ ours, theirs }) => ours !== null && theirs !== null);
  const { pairs, classes } = classified(
    graded.map(({ ours, theirs }) => [ours as number, theirs as number]),
    settings.scales,
    settings.threshold,
  );
  const byDataset = grouped(graded);
  const count = (so: (row: CalibrationRow) => boolean): number => rows.filter(so).length;
  return {
    scorer: settings.scorer,
    against: settings.against,
    nulls: {
      ours: count(({ ours, theirs }) => ours === null && theirs !== null),
      theirs: count(({ ours, theirs }) => ours !== null && theirs === null),
      both: count(({ ours, theirs }) => ours === null && theirs === null),
    },
    total: computeAgreement(pairs, classes),
    datasets: [...byDataset].map(([dataset, indices]) => ({
      dataset,
      agreement: computeAgreement(
        indices.map((i) => pairs[i] as readonly [number, number]),
        classes,
      ),
    })),
    disagreements: graded.filter((_, i) => pairs[i]?.[0] !== pairs[i]?.[1]),
  };
}

const grouped = (rows: readonly CalibrationRow[]): ReadonlyMap<string, readonly number[]> => {
  const groups = new Map<string, number[]>();
  rows.forEach(({ dataset }, i) => {
    const group = groups.get(dataset);
    if (group === undefined) groups.set(dataset, [i]);
    else group.push(i);
  });
  return groups;
};

const joined = (reference: DatasetRow['reference']): string => [reference].flat().join(' | ');

/** What a scorer itself read: agreement is that of scorers, not of how unread answers count. */
const getRead = (grade: Pick<GradeRow, 'value' | 'unread'> | undefined): number | null =>
  grade === undefined || grade.unread === true ? null : grade.value;

/** The texts of stored answers by id; empty where a request failed. */
async function readTexts(answers: Artifact): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (let shard = 0; shard < answers.shards; shard++)
    for (const row of await answers.readRows<AnswerRow>(shard))
      texts.set(row.id, 'error' in row ? '' : row.text);
  return texts;
}

async function readQuestions({ test }: PlannedSet): Promise<ReadonlyMap<string, DatasetRow>> {
  const questions = new Map<string, DatasetRow>();
  for await (const block of test.blocks()) for (const row of block.rows) questions.set(row.id, row);
  return questions;
}

/** Grades of a chain for one model's answers to a test set, made where they are missing. */
async function gradeWith(
  context: RunContext,
  chain: Chain,
  set: PlannedSet,
  side: Side,
): Promise<readonly GradeRow[]> {
  const graded = gradedBy(set, chain);
  const stored = nameGraded(context, graded, set.test);
  await grade(context, side, graded, stored);
  return await readGrades(stored.grades[side]);
}

/** Compares two chains on the stored answers of both models to the test sets. */
async function againstScorer(
  project: Project,
  options: CalibrateOptions & { readonly against: { readonly scorer: readonly ScorerEntry[] } },
): Promise<Calibration> {
  return await onSets(project, options, async (context, plan) => {
    const ours = await planChain(project, plan, options.scorer, 'SCORER');
    const theirs = await planChain(project, plan, options.against.scorer, '--against');
    const rows: CalibrationRow[] = [];
    for (const [set, { answers }] of await openAllAnswered(context, plan)) {
      const questions = await readQuestions(set);
      for (const model of SIDES) {
        const first = await gradeWith(context, ours, set, model);
        const second = await gradeWith(context, theirs, set, model);
        const other = new Map(second.map((row) => [row.id, row]));
        const texts = await readTexts(answers[model]);
        for (const { id, reason, ...grade } of first) {
          rows.push({
            dataset: set.name,
            model,
            id,
            answer: texts.get(id) ?? '',
            reference: joined(questions.get(id)?.reference ?? ''),
            ours: getRead(grade),
            theirs: getRead(other.get(id)),
            ...(reason === undefined ? {} : { reason }),
          });
        }
      }
    }
    return computeCalibration(rows, {
      scorer: ours.name,
      against: theirs.name,
      scales: [ours.scale, theirs.scale],
      threshold: options.threshold,
    });
  });
}

interface LabelledRow {
  readonly line: number;
  readonly row: DatasetRow;
  readonly answer: Separated;
  readonly value: number | null;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/**
 * Rows `{ answer, reference, value, prompt?, id?, domain?, choices? }` of a JSONL file. Mistakes
 * are RXB3001 and RXB3002, with the line.
 */
async function labelledRows(
  project: Project,
  file: string,
  [min, max]: Chain['scale'],
): Promise<readonly LabelledRow[]> {
  const rows: LabelledRow[] = [];
  let line = 0;
  for await (const text of project.tools.files.lines(file)) {
    line++;
    if (text.trim() === '') continue;
    const refuse = (problem: string): HarnessError =>
      new HarnessError('invalidRow', { file, line, problem });
    let given: unknown;
    try {
      given = JSON.parse(text);
    } catch (cause) {
      throw new HarnessError(
        'invalidJson',
        { file, line, problem: getErrorMessage(cause) },
        { cause },
      );
    }
    if (!isObject(given)) throw refuse('is not an object');
    const { answer, reference, value, prompt = '', domain = '', choices } = given;
    const id = given['id'] === undefined ? String(line) : String(given['id']);
    if (typeof answer !== 'string') throw refuse('has no `answer` string');
    if (typeof reference !== 'string' && !isTexts(reference))
      throw refuse('has no `reference` (a string or a list of strings)');
    if (value !== null && (typeof value !== 'number' || !(value >= min && value <= max)))
      throw refuse(`has a \`value\` that is neither null nor a number from ${min} to ${max}`);
    if (typeof prompt !== 'string' || typeof domain !== 'string')
      throw refuse('has a `prompt` or `domain` that is not a string');
    if (choices !== undefined && !isTexts(choices))
      throw refuse('has `choices` that are not a list of strings');
    rows.push({
      line,
      row: { id, prompt, reference, domain, ...(choices === undefined ? {} : { choices }) },
      answer: separateText(answer),
      value,
    });
  }
  if (rows.length === 0) throw new PipelineError('emptyFile', { file });
  return rows;
}

/**
 * Compares a chain with the labels of a file. Nothing is stored; models that scorers ask are asked
 * anew.
 */
async function againstFile(
  project: Project,
  options: CalibrateOptions & { readonly against: { readonly file: string } },
): Promise<Calibration> {
  return await onSets(project, { ...options, datasets: [] }, async (context, plan) => {
    const chain = await planChain(project, plan, options.scorer, 'SCORER');
    const labelled = await labelledRows(project, options.against.file, chain.scale);
    const task = context.observer.task(
      `${chain.name} on ${options.against.file}`,
      labelled.length,
      0,
    );
    const judge = asking(context);
    const rows: CalibrationRow[] = [];
    try {
      for (let start = 0; start < labelled.length; start += AT_ONCE) {
        context.signal.throwIfAborted();
        const block = labelled.slice(start, start + AT_ONCE);
        rows.push(
          ...(await Promise.all(
            block.map(async ({ row, answer, value }): Promise<CalibrationRow> => {
              const ownGrade = await gradeRow(
                { ...chain, unread: 'null' },
                row,
                answer,
                judge,
                context.signal,
              );
              return {
                dataset: options.against.file,
                model: null,
                id: row.id,
                answer: answer.text,
                reference: joined(row.reference),
                ours: ownGrade.value,
                theirs: value,
                ...(ownGrade.reason === undefined ? {} : { reason: ownGrade.reason }),
              };
            }),
          )),
        );
        task.advance(block.length);
      }
    } finally {
      task.end();
    }
    return computeCalibration(rows, {
      scorer: chain.name,
      against: options.against.file,
      scales: [chain.scale, chain.scale],
      threshold: options.threshold,
    });
  });
}

const AT_ONCE = 64;

/** What to calibrate, and against what. */
export interface CalibrateOptions extends SetOptions {
  readonly scorer: readonly ScorerEntry[];
  readonly against: Against;
  /**
   * Share of the scale from which on a grade counts as good; left out = whole grades are classes of
   * their own, else 0.5.
   */
  readonly threshold?: number | undefined;
}

/** Agreement, Cohen's kappa and a confusion table of a scorer against another scorer or labels. */
export async function calibrate(project: Project, options: CalibrateOptions): Promise<Calibration> {
  const { against } = options;
  return 'file' in against
    ? await againstFile(project, { ...options, against })
    : await againstScorer(project, { ...options, against });
}

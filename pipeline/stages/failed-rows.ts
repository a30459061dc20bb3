/** Rows of a run that failed, by reason: what people are told, and when a run is not complete. */
import type { HarnessError } from '../../core/errors.js';
import type { Artifact } from '../../storage/artifact.js';
import type { FailedRows, GradeRow } from '../../storage/results/types.js';
import { PipelineError } from '../errors.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import { getModelName, getTitle, isAnswer, readsAnswer } from '../signals/requests.js';
import type { AnswerRow } from './answer.js';
import { getJudges } from './grade.js';
import { distinct } from './observe.js';
import { buildJobs, type Job } from './prepare.js';
import type { Prepared, Side } from './prepared.js';
import { NO_ANSWER, NO_ANSWER_CODE, NO_SAMPLES_CODE } from './failure-codes.js';

/** Failures that follow from others, which are reported themselves. */
const DERIVED: ReadonlySet<string> = new Set([NO_ANSWER_CODE, NO_SAMPLES_CODE]);

/** Failures that asking again does not change: nobody was asked. */
const RECORDED = PipelineError.catalogue.noRecordedOutcomes.code;

/** From this share of failed rows on, a model counts as failed. */
const NEARLY_ALL = 0.9;

/** What one model was asked for about one set. */
interface Asked {
  readonly model: string;
  readonly what: string;
  readonly queries: QuerySet;
  readonly artifact: Artifact;
  readonly read: (shard: number) => Promise<readonly Failure[]>;
}

interface Failure {
  /** Its position in the shard. */
  readonly row: number;
  /** Absent where only the position is known. */
  readonly id?: string;
  readonly code: string;
  readonly message: string;
}

/** Failures among JSON rows. Shards without the word are not parsed: most have no failure. */
const readErrors = (artifact: Artifact) => async (shard: number) =>
  (await artifact.contains(shard, '"error":'))
    ? (await artifact.readRows<AnswerRow>(shard)).flatMap((answer, row): readonly Failure[] =>
        'error' in answer ? [{ row, id: answer.id, ...answer.error }] : [],
      )
    : [];

/** Answers that a judge did not grade; answers that failed are reported themselves. */
const readUngraded = (artifact: Artifact) => async (shard: number) =>
  (await artifact.contains(shard, '"value":null'))
    ? (await artifact.readRows<GradeRow>(shard)).flatMap(
        ({ id, value, unread, reason = '' }, row): readonly Failure[] =>
          value !== null || unread === true || reason.startsWith(NO_ANSWER)
            ? []
            : [{ row, id, code: '', message: reason }],
      )
    : [];

const answersAsked = ({ stored }: Job, side: Side): Asked => ({
  model: side,
  what: 'answers',
  queries: stored.queries,
  artifact: stored.answers[side],
  read: readErrors(stored.answers[side]),
});

const signalAsked = (queries: QuerySet, { request, shape, artifact }: StoredSignal): Asked => ({
  model: getModelName(request),
  what: isAnswer(request) ? 'answers' : getTitle(request),
  queries,
  artifact,
  read: shape === null ? readErrors(artifact) : async (shard) => await artifact.readFailures(shard),
});

/** Everything that models were asked for in the plan, each once. */
function listAsked(context: RunContext, prepared: Prepared): readonly Asked[] {
  const asked = new Map<string, Asked>();
  const add = (one: Asked): void => void asked.set(one.artifact.hash, one);
  for (const job of buildJobs(context, prepared)) {
    for (const side of job.graded?.sides ?? []) add(answersAsked(job, side));
    if (job.signals.some(({ request }) => readsAnswer(request))) add(answersAsked(job, 'weak'));
    const judges = getJudges(job.set);
    if (job.graded !== null && judges.length > 0)
      for (const side of job.graded.sides) {
        const artifact = job.graded.stored.grades[side];
        const what = `grades of ${side}`;
        const read = readUngraded(artifact);
        add({ model: judges.join(', '), what, queries: job.stored.queries, artifact, read });
      }
    for (const signal of distinct(job.signals))
      if (!isAnswer(signal.request)) add(signalAsked(job.stored.queries, signal));
  }
  return [...asked.values()];
}

/** One reason, whatever numbers and ids of requests its message contains. */
const sameReason = ({ code, message }: Failure): string =>
  `${code} ${message.replace(/(HTTP \d{3})|[\w-]*\d[\w-]*/g, (_all, status?: string) => status ?? '#')}`;

/** The id of a row by its position; only read where an example is needed. */
async function findId({ queries }: Asked, shard: number, row: number): Promise<string> {
  for await (const block of queries.blocks())
    if (block.shard === shard) return block.rows[row]?.id ?? '';
  return '';
}

/** The failed rows of one artifact by reason, the commonest first. */
async function readFailed(asked: Asked): Promise<readonly FailedRows[]> {
  const { artifact, model, what, queries, read } = asked;
  const missing = new Set(await artifact.missing());
  const byReason = new Map<string, { shard: number; first: Failure; rows: number }>();
  for (let shard = 0; shard < artifact.shards; shard++) {
    if (missing.has(shard)) continue;
    for (const failure of await read(shard)) {
      const key = sameReason(failure);
      const known = byReason.get(key);
      if (known === undefined) byReason.set(key, { shard, first: failure, rows: 1 });
      else known.rows++;
    }
  }
  const failed: FailedRows[] = [];
  for (const { shard, first, rows } of byReason.values()) {
    const { code, message: reason } = first;
    const id = first.id ?? (await findId(asked, shard, first.row));
    const dataset = `${queries.dataset}/${queries.split}`;
    failed.push({ model, what, dataset, code, reason, rows, of: queries.rows, id });
  }
  return failed.sort((a, b) => b.rows - a.rows);
}

/** All failed rows of a plan, by model, kind, set and reason. */
export async function readFailedRows(
  context: RunContext,
  prepared: Prepared,
): Promise<readonly FailedRows[]> {
  const failed: FailedRows[] = [];
  for (const asked of listAsked(context, prepared)) failed.push(...(await readFailed(asked)));
  return failed;
}

/** Failed rows by one property. */
function groupBy(
  failed: readonly FailedRows[],
  getKey: (rows: FailedRows) => string,
): readonly (readonly [FailedRows, ...FailedRows[]])[] {
  const groups = new Map<string, [FailedRows, ...FailedRows[]]>();
  for (const rows of failed) {
    const group = groups.get(getKey(rows));
    if (group === undefined) groups.set(getKey(rows), [rows]);
    else group.push(rows);
  }
  return [...groups.values()];
}

const count = (failed: readonly FailedRows[]): number =>
  failed.reduce((sum, { rows }) => sum + rows, 0);

/** Failures of calls: without those that only follow from others, or where nobody was asked. */
const ofCalls = (failed: readonly FailedRows[]): readonly FailedRows[] =>
  failed.filter(({ code }) => !DERIVED.has(code) && code !== RECORDED);

/** An error for each model that gave nearly nothing of what it was asked for on a set. */
export function findFailedModels(failed: readonly FailedRows[]): readonly HarnessError[] {
  const sets = groupBy(ofCalls(failed), ({ model, what, dataset }) =>
    JSON.stringify([model, what, dataset]),
  ).filter((group) => count(group) >= NEARLY_ALL * group[0].of);
  return groupBy(sets.flat(), ({ model, what }) => JSON.stringify([model, what])).map((group) => {
    const common = group.reduce((most, rows) => (rows.rows > most.rows ? rows : most));
    const { model, what, code, reason } = common;
    const datasets = [...new Map(group.map((rows) => [rows.dataset, rows.of]))];
    return new PipelineError('modelFailed', {
      model,
      what,
      failed: count(group),
      rows: datasets.reduce((sum, [, of]) => sum + of, 0),
      datasets: datasets.map(([name]) => name).join(', '),
      reason: `${code} ${reason}`.trim(),
    });
  });
}

/** Reasons that are shown for one model and kind; the record of the run has all. */
const MOST_REASONS = 5;

/** What failed, in lines for people: each reason with its count and one id. */
export function failedRowsText(failed: readonly FailedRows[]): string {
  const shown = failed.filter(({ code }) => !DERIVED.has(code));
  const lines = groupBy(shown, ({ model, what, dataset }) =>
    JSON.stringify([model, what, dataset]),
  ).flatMap((group) => {
    const [{ model, what, dataset, of }] = group;
    const rest = group.slice(MOST_REASONS);
    return [
      `${model}: ${count(group)} of ${of} ${what} of ${dataset} failed`,
      ...group
        .slice(0, MOST_REASONS)
        .map(({ rows, code, reason, id }) => `  ${rows} × ${`${code} ${reason}`.trim()} ("${id}")`),
      ...(rest.length === 0 ? [] : [`  ${count(rest)} for ${rest.length} other reasons`]),
    ];
  });
  if (lines.length === 0) return '';
  const again =
    ofCalls(shown).length === 0 ? '' : 'Ask again for failed rows with --retry-errors.\n';
  return `${lines.join('\n')}\n${again}`;
}

/** The commonest reason why signals of some queries are missing; null where none is. */
export async function findMissingSignal(
  signals: readonly StoredSignal[],
  queries: QuerySet,
): Promise<string | null> {
  const failed: FailedRows[] = [];
  for (const signal of signals) failed.push(...(await readFailed(signalAsked(queries, signal))));
  if (failed.length === 0) return null;
  const { model, what, reason } = failed.reduce((most, rows) =>
    rows.rows > most.rows ? rows : most,
  );
  return `${what} of ${model} failed: ${reason}`;
}

/** All that is stored of one question of a run: for people, never for routers (it has labels). */
import type { DatasetRow } from '../core/contracts.js';
import type { Artifact } from '../storage/artifact.js';
import { readResults, readRows, runFolder } from '../storage/results/store.js';
import type { GradeRow, RouterResult } from '../storage/results/types.js';
import type { Project } from './project.js';
import type { QuerySet } from './query-set.js';
import { onSets } from './rescore.js';
import type { AnswerRow } from './stages/answer.js';
import { nameGraded, SIDES, type Side } from './stages/prepared.js';

/** What a model said to a question; null for what is not stored for the present config. */
interface ModelView {
  readonly answer: AnswerRow | null;
  readonly grade: GradeRow | null;
}

/** The confidence of a router, fitted with one training seed or not fitted. */
interface ConfidenceView {
  readonly router: string;
  readonly seed: number | null;
  readonly confidence: number | null;
}

/** One question of a run. */
export interface QuestionView {
  readonly run: string;
  readonly dataset: string;
  readonly split: string;
  readonly row: DatasetRow;
  readonly models: Readonly<Record<Side, ModelView>>;
  readonly confidences: readonly ConfidenceView[];
}

/** Questions that were found, and all ids where none was. */
export interface FoundQuestions {
  readonly questions: readonly QuestionView[];
  readonly ids: readonly string[];
}

interface Position {
  readonly row: DatasetRow;
  readonly shard: number;
  readonly index: number;
}

/** Where an id is in a set; all ids of the set are added to `ids`. */
async function findPosition(
  queries: QuerySet,
  wanted: string,
  ids: string[],
): Promise<Position | undefined> {
  let found: Position | undefined;
  for await (const { shard, rows } of queries.blocks())
    rows.forEach((row, index) => {
      ids.push(row.id);
      if (row.id === wanted || `${queries.dataset}/${row.id}` === wanted)
        found ??= { row, shard, index };
    });
  return found;
}

async function readStored<Row>(
  artifact: Artifact,
  { shard, index }: Position,
): Promise<Row | null> {
  if ((await artifact.missing()).includes(shard)) return null;
  return (await artifact.readRows<Row>(shard))[index] ?? null;
}

/** The confidences of every router of a run on one question. */
async function readConfidences(
  folder: string,
  results: readonly RouterResult[],
  id: string,
): Promise<readonly ConfidenceView[]> {
  const found: ConfidenceView[] = [];
  for (const { router, dataset, seeds } of results)
    for (const { seed } of seeds) {
      const row = (await readRows(folder, router, dataset, seed)).find((other) => other.id === id);
      if (row !== undefined) found.push({ router, seed, confidence: row.confidence });
    }
  return found;
}

/** Looks an id up in the test sets of a run: `ID`, or `DATASET/ID` where several sets have it. */
export async function findQuestions(project: Project, wanted: string): Promise<FoundQuestions> {
  return await onSets(project, {}, async (context, { sets }) => {
    const run = project.config.name;
    const folder = runFolder(context.results, run);
    const results = (await readResults(folder)).filter(({ plugin }) => plugin !== null);
    const questions: QuestionView[] = [];
    const ids: string[] = [];
    for (const set of sets.filter(({ tested }) => tested)) {
      const position = await findPosition(set.test, wanted, ids);
      if (position === undefined) continue;
      const { answers, grades } = nameGraded(context, set, set.test);
      const [weak, strong] = await Promise.all(
        SIDES.map(async (side): Promise<ModelView> => ({
          answer: await readStored<AnswerRow>(answers[side], position),
          grade: await readStored<GradeRow>(grades[side], position),
        })),
      );
      const ofSet = results.filter(({ dataset }) => dataset === set.name);
      questions.push({
        run,
        dataset: set.name,
        split: set.test.split,
        row: position.row,
        models: { weak: weak as ModelView, strong: strong as ModelView },
        confidences: await readConfidences(folder, ofSet, position.row.id),
      });
    }
    return { questions, ids };
  });
}

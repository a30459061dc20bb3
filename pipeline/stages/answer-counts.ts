/** How many answers of a run were thought about, cut off while thinking, or could not be read. */
import type { Artifact } from '../../storage/artifact.js';
import type { AnswerCounts, GradeRow } from '../../storage/results/types.js';
import type { RunContext } from '../run-context.js';
import type { AnswerRow } from './answer.js';
import { buildJobs } from './prepare.js';
import type { Prepared } from './prepared.js';
import { hasThought, onlyThought } from './unread.js';

/** All rows of the shards that are stored. */
async function readStored<Row>(artifact: Artifact): Promise<readonly Row[]> {
  const missing = new Set(await artifact.missing());
  const rows: Row[] = [];
  for (let shard = 0; shard < artifact.shards; shard++)
    if (!missing.has(shard)) for (const row of await artifact.readRows<Row>(shard)) rows.push(row);
  return rows;
}

/** The counts of every graded set of a plan, by model. */
export async function countAnswers(
  context: RunContext,
  prepared: Prepared,
): Promise<readonly AnswerCounts[]> {
  const counts: AnswerCounts[] = [];
  for (const { graded } of buildJobs(context, prepared))
    for (const side of graded?.sides ?? []) {
      const { queries, answers, grades } = (graded as NonNullable<typeof graded>).stored;
      const given = (await readStored<AnswerRow>(answers[side])).filter(
        (row): row is Exclude<AnswerRow, { error: unknown }> => !('error' in row),
      );
      const unread = (await readStored<GradeRow>(grades[side])).filter(
        (row) => row.unread === true,
      );
      counts.push({
        model: side,
        dataset: `${queries.dataset}/${queries.split}`,
        answers: given.length,
        thought: given.filter(hasThought).length,
        cutOff: given.filter((row) => onlyThought(row) && row.finish === 'length').length,
        unread: unread.length,
      });
    }
  return counts;
}

/** What people should know of the answers, in lines; '' where nothing is unusual. */
export function answerCountsText(
  counts: readonly AnswerCounts[],
  unread: 'wrong' | 'null',
): string {
  return counts
    .flatMap(({ model, dataset, answers, thought, cutOff, unread: unreadable }) => {
      const notes = [
        ...(thought === 0 ? [] : [`${thought} thought first`]),
        ...(cutOff === 0 ? [] : [`${cutOff} were cut off while thinking (raise maxTokens)`]),
        ...(unreadable === 0
          ? []
          : [
              `${unreadable} state no answer that can be read and ${
                unread === 'wrong' ? 'count as wrong' : 'have no grade'
              }`,
            ]),
      ];
      return notes.length === 0
        ? []
        : [`${model}: of ${answers} answers to ${dataset}, ${notes.join('; ')}\n`];
    })
    .join('');
}

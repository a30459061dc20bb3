/** Queries → answers of a model. */
import type {
  CallRecord,
  Completion,
  DatasetRow,
  GenerateSettings,
  Message,
  ModelInfo,
  ModelPrompt,
  Outcome,
} from '../../core/contracts.js';
import { PipelineError } from '../errors.js';
import { answerSettings, buildChatPrompt } from '../prompts.js';
import type { QuerySet } from '../query-set.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { Artifact } from '../../storage/artifact.js';
import { separateText } from '../separate-thinking.js';
import { askTexts, shardsAtOnce } from './ask.js';
import type { PreparedQueries, Side } from './prepared.js';
import { produce } from './produce.js';
import { addUsage } from './token-counts.js';

/**
 * A stored answer, with those to further turns, and what it cost in US dollars where that is known.
 * A failed request is recorded, never scored.
 */
export type AnswerRow =
  | ({
      readonly id: string;
      readonly cost?: number;
      readonly further?: readonly string[];
    } & Completion &
      Partial<Pick<CallRecord, 'servedModel' | 'usage'>>)
  | { readonly id: string; readonly error: { readonly code: string; readonly message: string } };

/** Whether a stored row is that of a request that failed. */
export const hasFailed = (row: { readonly error?: object }): boolean => row.error !== undefined;

/**
 * The outcome that a dataset has recorded of a model, as a stored answer. Its text may not have
 * been recorded; its grade is for the scorer `recorded`.
 */
function recordedAnswer(
  row: DatasetRow,
  { name, price }: NonNullable<ModelInfo['recorded']>,
): AnswerRow {
  const outcome = row.recorded?.[name];
  if (outcome === undefined)
    return {
      id: row.id,
      error: {
        code: PipelineError.catalogue.noRecordedOutcomes.code,
        message: `no outcome of "${name}" was recorded for this question`,
      },
    };
  const { grade, text = '', usage } = outcome;
  const cost =
    outcome.cost ??
    (usage === undefined || price === undefined
      ? undefined
      : (usage.prompt * price.prompt + usage.completion * price.completion) / 1e6);
  return {
    id: row.id,
    ...separateText(text),
    tokenLogprobs: [],
    finish: 'stop',
    promptTokens: usage?.prompt ?? 0,
    completionTokens: usage?.completion ?? 0,
    recordedGrade: grade,
    ...(cost === undefined ? {} : { cost }),
  };
}

/** An answer with that to a further turn: the tokens of both, where both are known. */
function withTurn(
  before: Exclude<AnswerRow, { error: unknown }>,
  { text, thinking, promptTokens, completionTokens }: Completion,
  usage: CallRecord['usage'] | undefined,
): AnswerRow {
  const thoughts = [before.thinking, thinking].filter((thought) => thought !== undefined);
  const totals = before.usage === undefined ? {} : { usage: addUsage(before.usage, usage) };
  return {
    ...before,
    ...totals,
    ...(thoughts.length === 0 ? {} : { thinking: thoughts.join('\n\n') }),
    promptTokens: before.promptTokens + promptTokens,
    completionTokens: before.completionTokens + completionTokens,
    further: [...(before.further ?? []), text],
  };
}

/** A question with its further turns, and how far its conversation is. */
interface Conversation {
  readonly row: DatasetRow;
  readonly messages: Message[];
  answer: AnswerRow | undefined;
}

/** Whether a conversation has a turn of that number and none before it has failed. */
const hasTurn = ({ row, answer }: Conversation, turn: number): boolean =>
  turn === 0 || (turn <= (row.turns?.length ?? 0) && answer !== undefined && !('error' in answer));

/** Adds the outcome of a turn to a conversation. */
function addTurn(
  conversation: Conversation,
  turn: number,
  outcome: Outcome<readonly Completion[]>,
): void {
  const { id } = conversation.row;
  if (!outcome.ok) {
    const message = turn === 0 ? outcome.message : `turn ${turn + 1}: ${outcome.message}`;
    conversation.answer = { id, error: { code: outcome.code, message } };
    return;
  }
  const [completion] = outcome.value as readonly [Completion];
  conversation.messages.push({ role: 'assistant', content: completion.text });
  const before = conversation.answer as Exclude<AnswerRow, { error: unknown }> | undefined;
  // without the latency: two runs with one seed leave the same bytes
  const call =
    outcome.call === undefined
      ? {}
      : { servedModel: outcome.call.servedModel, usage: outcome.call.usage };
  conversation.answer =
    before === undefined
      ? { id, ...completion, ...call }
      : withTurn(before, completion, outcome.call?.usage);
}

/**
 * Asks the prompts of rows, then their further turns, each after the answers so far. A row fails
 * where one of its turns fails.
 */
async function converse(
  context: RunContext,
  name: string,
  rows: readonly DatasetRow[],
  settings: GenerateSettings,
  advance: (finished: number) => void,
): Promise<readonly AnswerRow[]> {
  const conversations = rows.map((row): Conversation => {
    const prompt = buildChatPrompt(context.plan.project.config, row.prompt);
    return { row, messages: prompt.form === 'chat' ? [...prompt.messages] : [], answer: undefined };
  });
  for (let turn = 0; ; turn++) {
    const open = conversations.filter((conversation) => hasTurn(conversation, turn));
    if (open.length === 0) break;
    if (turn > 0)
      for (const { row, messages } of open)
        messages.push({ role: 'user', content: row.turns?.[turn - 1] as string });
    const outcomes = await askTexts(
      context,
      plannedModel(context.plan, name),
      open.map(({ messages }): ModelPrompt => ({ form: 'chat', messages: [...messages] })),
      settings,
      turn === 0 ? advance : () => {},
    );
    outcomes.forEach((outcome, i) => addTurn(open[i] as Conversation, turn, outcome));
  }
  return conversations.map(({ answer }) => answer as AnswerRow);
}

/** Copies the recorded outcomes of a model from the rows of the set. */
async function copyRecorded(
  context: RunContext,
  name: string,
  recorded: NonNullable<ModelInfo['recorded']>,
  queries: QuerySet,
  artifact: Artifact,
): Promise<void> {
  await produce(
    context,
    `${name} outcomes ${queries.dataset}/${queries.split}`,
    queries,
    [artifact],
    async (rows, shard, _missing, task) => {
      await artifact.writeRows(
        shard,
        rows.map((row) => recordedAnswer(row, recorded)),
      );
      task.advance(rows.length);
    },
  );
}

/** Makes the missing answers of a model to a set. */
export async function answer(
  context: RunContext,
  name: Side,
  { queries, answers }: PreparedQueries,
): Promise<void> {
  const artifact = answers[name];
  const planned = plannedModel(context.plan, name);
  const { generation, info } = planned;
  if (info.recorded !== undefined) {
    await copyRecorded(context, name, info.recorded, queries, artifact);
    return;
  }
  const getTemperature = (row: DatasetRow): number => row.temperature ?? generation.temperature;
  await produce(
    context,
    `${name} answers ${queries.dataset}/${queries.split}`,
    queries,
    [artifact],
    async (rows, shard, _missing, task) => {
      const answered = new Map<string, AnswerRow>();
      for (const temperature of new Set(rows.map(getTemperature))) {
        const some = rows.filter((row) => getTemperature(row) === temperature);
        const settings = { ...answerSettings(generation), temperature };
        for (const row of await converse(context, name, some, settings, task.advance))
          answered.set(row.id, row);
      }
      await artifact.writeRows(
        shard,
        rows.map(({ id }) => answered.get(id) as AnswerRow),
      );
    },
    {
      atOnce: shardsAtOnce(planned, 'generate'),
      servers: info.remote?.servers,
      failed: async (stored) => await stored.shardsWith(hasFailed),
    },
  );
}

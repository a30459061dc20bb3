/** Queries → answers of a model. */
import type {
  CallRecord,
  Completion,
  DatasetRow,
  GenerateSettings,
  Message,
  ModelInfo,
  ModelPrompt,
} from '../../core/contracts.js';
import { PipelineError } from '../errors.js';
import type { Plan, PlannedModel } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import { Artifact } from '../../storage/artifact.js';
import { askTexts, shardsAtOnce } from './ask.js';
import { produce } from './produce.js';

/**
 * A stored answer, with those to further turns, and what it cost in US dollars where that is known;
 * a failed request is recorded, never scored.
 */
export type AnswerRow =
  | ({
      readonly id: string;
      readonly cost?: number;
      readonly further?: readonly string[];
    } & Completion &
      Partial<Pick<CallRecord, 'servedModel' | 'usage'>>)
  | { readonly id: string; readonly error: { readonly code: string; readonly message: string } };

/**
 * The prompt under which a text is put to a model: the configured system message, if any, then the
 * text.
 */
export function chatPrompt(plan: Plan, text: string): ModelPrompt {
  const { system } = plan.project.config.generation;
  const user = { role: 'user', content: text } as const;
  return {
    form: 'chat',
    messages: system === undefined ? [user] : [{ role: 'system', content: system }, user],
  };
}

/** The model of that name; a plan has every model that its stages ask for. */
export function plannedModel(plan: Plan, name: string): PlannedModel {
  const found = plan.models.get(name);
  if (found === undefined) throw new Error(`the plan lacks model "${name}"`);
  return found;
}

/** The artifact of a model's answers to a set, made or not. */
export function getAnswersArtifact(context: RunContext, model: string, set: QuerySet): Artifact {
  const { info, generation } = plannedModel(context.plan, model);
  const system = context.plan.project.config.generation.system ?? null;
  return new Artifact(
    context.results,
    'answers',
    {
      model: info.fingerprint,
      generation: { ...generation, system },
      prompts: set.promptsHash,
      ...(info.recorded === undefined ? {} : { outcomes: set.contentHash }),
    },
    set.rows,
    'jsonl',
  );
}

/** Whether a stored row is that of a request that failed. */
export const hasFailed = (row: { readonly error?: object }): boolean => row.error !== undefined;

/**
 * What the dataset holds of a model as a stored answer. Its text may not have been recorded; its
 * grade is for the scorer `recorded`.
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
    text,
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
  { text, promptTokens, completionTokens }: Completion,
  usage: CallRecord['usage'] | undefined,
): AnswerRow {
  const so = before.usage;
  const sum = (a: number | undefined, b: number | undefined): number => (a ?? 0) + (b ?? 0);
  const totals =
    so === undefined
      ? {}
      : {
          usage:
            so === null || usage === undefined || usage === null
              ? null
              : {
                  prompt: so.prompt + usage.prompt,
                  cachedPrompt: sum(so.cachedPrompt, usage.cachedPrompt),
                  completion: so.completion + usage.completion,
                  reasoning: sum(so.reasoning, usage.reasoning),
                },
        };
  return {
    ...before,
    ...totals,
    promptTokens: before.promptTokens + promptTokens,
    completionTokens: before.completionTokens + completionTokens,
    further: [...(before.further ?? []), text],
  };
}

/**
 * Asks the prompts of rows, then their further turns, each after the answers so far. A row of which
 * one turn fails has failed.
 */
async function converse(
  context: RunContext,
  name: string,
  rows: readonly DatasetRow[],
  settings: GenerateSettings,
  advance: (finished: number) => void,
): Promise<readonly AnswerRow[]> {
  interface Talk {
    readonly row: DatasetRow;
    readonly messages: Message[];
    answer: AnswerRow | undefined;
  }
  const talks = rows.map((row): Talk => {
    const prompt = chatPrompt(context.plan, row.prompt);
    return { row, messages: prompt.form === 'chat' ? [...prompt.messages] : [], answer: undefined };
  });
  for (let turn = 0; ; turn++) {
    const open = talks.filter(
      ({ row, answer }) =>
        turn === 0 ||
        (turn <= (row.turns?.length ?? 0) && answer !== undefined && !('error' in answer)),
    );
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
    outcomes.forEach((outcome, i) => {
      const talk = open[i] as Talk;
      const { id } = talk.row;
      if (!outcome.ok) {
        talk.answer = {
          id,
          error: {
            code: outcome.code,
            message: turn === 0 ? outcome.message : `turn ${turn + 1}: ${outcome.message}`,
          },
        };
        return;
      }
      const [completion] = outcome.value as readonly [Completion];
      talk.messages.push({ role: 'assistant', content: completion.text });
      const before = talk.answer as Exclude<AnswerRow, { error: unknown }> | undefined;
      // without the latency: two runs with one seed leave the same bytes
      const call =
        outcome.call === undefined
          ? {}
          : { servedModel: outcome.call.servedModel, usage: outcome.call.usage };
      talk.answer =
        before === undefined
          ? { id, ...completion, ...call }
          : withTurn(before, completion, outcome.call?.usage);
    });
  }
  return talks.map(({ answer }) => answer as AnswerRow);
}

/** Makes the missing answers of a model to a set. */
export async function answer(context: RunContext, name: string, set: QuerySet): Promise<Artifact> {
  const artifact = getAnswersArtifact(context, name, set);
  const planned = plannedModel(context.plan, name);
  const { generation, info } = planned;
  const { recorded } = info;
  if (recorded !== undefined) {
    await produce(
      context,
      `${name} outcomes ${set.dataset}/${set.split}`,
      set,
      [artifact],
      async (rows, shard, _missing, task) => {
        await artifact.writeRows(
          shard,
          rows.map((row) => recordedAnswer(row, recorded)),
        );
        task.advance(rows.length);
      },
    );
    return artifact;
  }
  await produce(
    context,
    `${name} answers ${set.dataset}/${set.split}`,
    set,
    [artifact],
    async (rows, shard, _missing, task) => {
      const answered = new Map<string, AnswerRow>();
      for (const temperature of new Set(
        rows.map((row) => row.temperature ?? generation.temperature),
      )) {
        const some = rows.filter(
          (row) => (row.temperature ?? generation.temperature) === temperature,
        );
        for (const row of await converse(
          context,
          name,
          some,
          { ...generation, temperature, n: 1 },
          task.advance,
        ))
          answered.set(row.id, row);
      }
      await artifact.writeRows(
        shard,
        rows.map(({ id }) => answered.get(id) as AnswerRow),
      );
    },
    {
      atOnce: shardsAtOnce(planned, 'generate'),
      failed: async (stored) => await stored.shardsWith(hasFailed),
    },
  );
  return artifact;
}

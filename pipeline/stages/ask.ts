/**
 * Every question to a model goes through here: known replies come from the answer cache, the others
 * are counted, priced and kept.
 */
import { callKey, callParts, type CallParts } from '../../storage/cache/call-key.js';
import type {
  Completion,
  GenerateSettings,
  ModelContext,
  ModelMethod,
  ModelPrompt,
  Outcome,
  PromptState,
} from '../../core/contracts.js';
import { HarnessError } from '../../core/errors.js';
import type { PlannedModel } from '../planning/planned.js';
import { modelContext, type RunContext } from '../run-context.js';
import { isPaid } from '../spending/paid.js';
import { computeTokenCost, findPrice } from '../spending/prices.js';
import { SHARD_ROWS } from '../../storage/artifact.js';
import type { JsonObject } from '../../core/util/json.js';
import { estimateTokens } from '../spending/tokens.js';
import { PipelineError } from '../errors.js';
import { separateThinking } from '../separate-thinking.js';
import { countText } from '../../analysis/util/count-text.js';

interface Question<P, T> {
  readonly method: ModelMethod;
  readonly settings: JsonObject;
  /** Most tokens that one reply may have. */
  readonly maxTokens: number;
  readonly ask: (prompts: readonly P[], context: ModelContext) => Promise<readonly Outcome<T>[]>;
  /** False where replies are too large to be kept twice: their artifact holds them. */
  readonly kept: boolean;
}

const lacks = (name: string, member: string): HarnessError =>
  new HarnessError('brokenBackend', {
    model: name,
    problem: `it has no method \`${member}\`, although it declares that ability`,
  });

const checkCount = (model: string, got: number, wanted: number): void => {
  if (got !== wanted)
    throw new HarnessError('brokenBackend', {
      model,
      problem: `it returned ${countText(got, 'outcome')} for ${countText(wanted, 'request')}`,
    });
};

/**
 * How many shards a model works on at once: enough to keep its servers busy over the end of each.
 */
export const shardsAtOnce = ({ info }: PlannedModel, method: ModelMethod): number =>
  isPaid(info, method) ? 1 + Math.ceil((info.remote?.concurrency ?? 0) / SHARD_ROWS) : 1;

async function through<P, T>(
  context: RunContext,
  planned: PlannedModel,
  prompts: readonly P[],
  question: Question<P, T>,
  advance: (finished: number) => void,
): Promise<readonly Outcome<T>[]> {
  const { name, info } = planned;
  if (!isPaid(info, question.method)) {
    const outcomes = await question.ask(prompts, modelContext(context, name, advance));
    checkCount(name, outcomes.length, prompts.length);
    return outcomes;
  }
  const { inFlight } = context.spend;
  const ends = await Promise.allSettled(
    prompts.map(async (prompt) => {
      const parts = callParts(info.fingerprint, question.method, prompt, question.settings);
      const key = callKey(parts);
      const known = inFlight.get(key) as Promise<Outcome<T>> | undefined;
      if (known !== undefined) {
        const outcome = await known;
        advance(1);
        return outcome;
      }
      const asked = askOne(context, planned, prompt, parts, question, advance).finally(() =>
        inFlight.delete(key),
      ); // from now on the cache knows it
      inFlight.set(key, asked);
      return await asked;
    }),
  );
  // All of them are waited for first: calls in flight are paid for, so their replies are kept.
  context.signal.throwIfAborted();
  const refusals = ends.flatMap((end) =>
    end.status === 'rejected' ? [end.reason as unknown] : [],
  );
  if (refusals.length > 0)
    throw refusals.find((reason) => !(reason instanceof HarnessError)) ?? refusals[0];
  return ends.map((end) => (end as PromiseFulfilledResult<Outcome<T>>).value);
}

async function askOne<P, T>(
  context: RunContext,
  planned: PlannedModel,
  prompt: P,
  parts: CallParts,
  question: Question<P, T>,
  advance: (finished: number) => void,
): Promise<Outcome<T>> {
  const { name, info } = planned;
  const { ledger, cache, claim, offline } = context.spend;
  const find = async (): Promise<Outcome<T> | undefined> => {
    const known = question.kept ? ((await cache.find(parts)) as Outcome<T> | undefined) : undefined;
    if (known === undefined) return undefined;
    ledger.found(name);
    advance(1);
    return known;
  };
  const stored = await find();
  if (stored !== undefined) return stored;
  if (offline) throw new PipelineError('offlineReplyMissing', { model: name });
  await claim.take();
  const fresh = await find(); // another process may have asked meanwhile
  if (fresh !== undefined) return fresh;
  const price = findPrice(context.plan.project.config.prices, info.name, name);
  const most =
    price === null
      ? 0
      : computeTokenCost(price, {
          prompt: estimateTokens(prompt).high,
          completion: question.maxTokens,
        });
  let admitted: Promise<void> | undefined;
  let passed = false;
  let outcome: Outcome<T> | undefined;
  try {
    const callContext: ModelContext = {
      ...modelContext(context, name, advance),
      admit: async (paid) => {
        if (admitted !== undefined && passed) ledger.again(name, parts, paid);
        await (admitted ??= ledger
          .admit(name, most, context.signal)
          .then(() => void (passed = true)));
      },
    };
    const outcomes = await question.ask([prompt], callContext);
    checkCount(name, outcomes.length, 1);
    outcome = outcomes[0] as Outcome<T>;
    return question.kept ? await cache.add(parts, outcome) : outcome;
  } finally {
    ledger.settled(name, passed, outcome, parts);
  }
}

/**
 * Asks for texts, and checks that one outcome came back for each prompt. Thoughts are taken apart
 * from the texts; the cache keeps both as the model wrote them.
 */
export async function askTexts(
  context: RunContext,
  planned: PlannedModel,
  prompts: readonly ModelPrompt[],
  settings: GenerateSettings,
  advance: (finished: number) => void,
): Promise<readonly Outcome<readonly Completion[]>[]> {
  const { name, model } = planned;
  const outcomes = await through<ModelPrompt, readonly Completion[]>(
    context,
    planned,
    prompts,
    {
      method: 'generate',
      settings: settings as unknown as JsonObject,
      maxTokens: settings.maxTokens * (settings.n ?? 1),
      kept: true,
      ask: async (asked, callContext) => {
        if (model.generate === undefined) throw lacks(name, 'generate');
        return await model.generate(asked, settings, callContext);
      },
    },
    advance,
  );
  for (const outcome of outcomes)
    if (outcome.ok) checkCount(name, outcome.value.length, settings.n ?? 1);
  return outcomes.map((outcome) =>
    outcome.ok ? { ...outcome, value: outcome.value.map(separateThinking) } : outcome,
  );
}

/** Asks for the state after a prompt. Hidden states are large: only their artifact keeps them. */
export async function askStates(
  context: RunContext,
  planned: PlannedModel,
  prompts: readonly ModelPrompt[],
  wanted: { readonly logits: boolean; readonly hiddenStates: boolean },
  advance: (finished: number) => void,
): Promise<readonly Outcome<PromptState>[]> {
  const { name, model } = planned;
  const ask: Question<ModelPrompt, PromptState>['ask'] = async (asked, callContext) => {
    if (model.read === undefined) throw lacks(name, 'read');
    return await model.read(asked, wanted, callContext);
  };
  return await through(
    context,
    planned,
    prompts,
    { method: 'read', settings: wanted, maxTokens: 1, kept: !wanted.hiddenStates, ask },
    advance,
  );
}

/** Asks for the log-probability of each choice. */
export async function askChoices(
  context: RunContext,
  planned: PlannedModel,
  prompts: readonly ModelPrompt[],
  choices: readonly string[],
  advance: (finished: number) => void,
): Promise<readonly Outcome<Float32Array>[]> {
  const { name, model } = planned;
  const ask: Question<ModelPrompt, Float32Array>['ask'] = async (asked, callContext) => {
    if (model.choose === undefined) throw lacks(name, 'choose');
    return await model.choose(asked, choices, callContext);
  };
  return await through(
    context,
    planned,
    prompts,
    { method: 'choose', settings: { choices }, maxTokens: 1 + choices.length, kept: true, ask },
    advance,
  );
}

/** Asks for a vector a text: embeddings or class logits. */
export async function askVectors(
  context: RunContext,
  planned: PlannedModel,
  method: 'embed' | 'classify',
  texts: readonly string[],
  advance: (finished: number) => void,
): Promise<readonly Outcome<Float32Array>[]> {
  const { name, model } = planned;
  const ask: Question<string, Float32Array>['ask'] = async (asked, callContext) => {
    const read = model[method]?.bind(model);
    if (read === undefined) throw lacks(name, method);
    return await read(asked, callContext);
  };
  return await through(
    context,
    planned,
    texts,
    { method, settings: {}, maxTokens: 0, kept: true, ask },
    advance,
  );
}

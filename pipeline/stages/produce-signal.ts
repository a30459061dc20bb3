import type { DatasetRow, Outcome } from '../../core/contracts.js';
import { HarnessError } from '../../core/errors.js';
import type { Task } from '../../storage/observer.js';
import { TOKEN_COUNTS, type RowFailure } from '../../storage/artifact.js';
import type { PlannedModel } from '../planning/planned.js';
import type { QuerySet } from '../query-set.js';
import { plannedModel, type RunContext } from '../run-context.js';
import type { StoredSignal } from '../signals/reader.js';
import { getModelMethod, getModelName, getTitle } from '../signals/requests.js';
import { hasFailed } from './answer.js';
import { shardsAtOnce } from './ask.js';
import { produce, type Production } from './produce.js';
import { countText } from '../../analysis/util/count-text.js';

/** How the shards of signals that one model gives are made, and which of them have failed rows. */
export const signalProduction = (
  planned: PlannedModel,
  { request, shape }: StoredSignal,
): Production => ({
  atOnce: shardsAtOnce(planned, getModelMethod(request)),
  servers: planned.info.remote?.servers,
  failed: async (artifact) =>
    shape === null ? await artifact.shardsWith(hasFailed) : await artifact.shardsWithGaps(),
});

/** Makes the missing shards of a signal. `make` asks the model about rows and writes the shard. */
export async function produceSignal(
  context: RunContext,
  signal: StoredSignal,
  queries: QuerySet,
  make: (
    planned: PlannedModel,
    rows: readonly DatasetRow[],
    shard: number,
    task: Task,
  ) => Promise<void>,
): Promise<void> {
  const { request, artifact } = signal;
  const planned = plannedModel(context.plan, getModelName(request));
  await produce(
    context,
    `${planned.name} ${getTitle(request)} ${queries.dataset}/${queries.split}`,
    queries,
    [artifact],
    async (rows, shard, _missing, task) => await make(planned, rows, shard, task),
    signalProduction(planned, signal),
  );
}

/** Why rows have no value, as it is stored with them. */
export const rowFailures = (outcomes: readonly Outcome<unknown>[]): readonly RowFailure[] =>
  outcomes.flatMap((outcome, row) =>
    outcome.ok ? [] : [{ row, code: outcome.code, message: outcome.message }],
  );

/**
 * A tensor row of what a model gave; null where it failed.
 * @throws HarnessError brokenBackend where it does not have the declared width
 */
export const tensorRow = (
  model: string,
  outcome: Outcome<Float32Array | undefined>,
  width: number,
): Float32Array | null => {
  if (!outcome.ok) return null;
  const got = outcome.value?.length ?? 0;
  if (got !== width)
    throw new HarnessError('brokenBackend', {
      model,
      problem: `it returned ${countText(got, 'number')}, but declares ${width}`,
    });
  return outcome.value as Float32Array;
};

/** What an outcome took, in the order of TOKEN_COUNTS; −1 = not known. */
const countOutcome = ({ call, promptTokens }: Outcome<unknown>): readonly number[] => {
  if (call === undefined) return [1, promptTokens ?? -1, 0, promptTokens === undefined ? -1 : 0];
  const { usage } = call;
  return usage === null
    ? [1, -1, -1, -1]
    : [1, usage.prompt, usage.cachedPrompt ?? 0, usage.completion];
};

/** What rows of tensors took, as it is stored with them; each row is made from some outcomes. */
export function rowTokens(rows: readonly (readonly Outcome<unknown>[])[]): Float32Array {
  const tokens = new Float32Array(rows.length * TOKEN_COUNTS.length);
  rows.forEach((outcomes, row) => {
    const counts = outcomes.map(countOutcome);
    TOKEN_COUNTS.forEach((_name, i) => {
      const of = counts.map((count) => count[i] as number);
      tokens[row * TOKEN_COUNTS.length + i] = of.includes(-1)
        ? -1
        : of.reduce((sum, count) => sum + count, 0);
    });
  });
  return tokens;
}

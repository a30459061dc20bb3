/**
 * Sampled texts → signals that compare them with each other: their embeddings, and which of them
 * entails which.
 */
import type { Completion, DatasetRow, ModelPrompt, Outcome } from '../../core/contracts.js';
import type { Artifact } from '../../storage/artifact.js';
import { buildChatPrompt } from '../prompts.js';
import type { QuerySet } from '../query-set.js';
import type { RunContext } from '../run-context.js';
import { parseEntailment } from '../signals/entailment-reply.js';
import type { StoredSignal } from '../signals/reader.js';
import { getGeneration, getModelName, getTitle } from '../signals/requests.js';
import { askTexts, askVectors } from './ask.js';
import { NO_SAMPLES_CODE } from './failure-codes.js';
import { produceSignal, rowFailures, rowTokens, tensorRow } from './produce-signal.js';
import { countTokens, type TextRow, type TokenCounts } from './token-counts.js';

/**
 * The judgements of a row, `values[i · n + j]`; null where the reply was neither yes nor no, and
 * how many replies were so.
 */
export type EntailmentRow =
  | ({
      readonly id: string;
      readonly n: number;
      readonly values: readonly (0 | 1 | null)[];
      readonly unread: number;
    } & TokenCounts)
  | { readonly id: string; readonly error: { readonly code: string; readonly message: string } };

type Replied = Extract<Outcome<readonly Completion[]>, { readonly ok: true }>;

interface Pair {
  readonly first: string;
  readonly second: string;
}

/** A row whose samples failed, and why. */
const noSamples = (reason: string): { readonly code: string; readonly message: string } => ({
  code: NO_SAMPLES_CODE,
  message: `the weak model gave no samples to compare: ${reason}`,
});

/**
 * A progress callback of prompts that moves a bar of rows: it ends at `rows` when all prompts are
 * through.
 */
const inRows = (
  prompts: number,
  rows: number,
  advance: (rows: number) => void,
): ((finished: number) => void) => {
  let done = 0;
  let reported = 0;
  if (prompts === 0) advance(rows);
  return (finished) => {
    done += finished;
    const now = Math.floor((done / prompts) * rows);
    advance(now - reported);
    reported = now;
  };
};

/** The embeddings of a row's samples one behind another; the failure of the first that has none. */
function joinVectors(
  model: string,
  row: TextRow,
  vectors: ReadonlyMap<string, Outcome<Float32Array>>,
  [n, dim]: readonly [number, number],
): Outcome<Float32Array> {
  if ('error' in row) return { ok: false, ...noSamples(row.error.message) };
  const all = new Float32Array(n * dim);
  for (const [i, { text }] of row.texts.entries()) {
    const outcome = vectors.get(text) as Outcome<Float32Array>;
    if (!outcome.ok) return outcome;
    all.set(tensorRow(model, outcome, dim) as Float32Array, i * dim);
  }
  return { ok: true, value: all };
}

/**
 * Embeds each distinct text of a block once. A row whose samples failed, or one of whose texts
 * cannot be embedded, has no value.
 */
export async function embedSamples(
  context: RunContext,
  signal: StoredSignal,
  samples: Artifact,
  set: QuerySet,
): Promise<void> {
  const size = signal.shape as readonly [number, number];
  await produceSignal(context, signal, set, async (planned, rows, shard, task) => {
    const given = await samples.readRows<TextRow>(shard);
    const texts = [
      ...new Set(given.flatMap((row) => ('error' in row ? [] : row.texts.map(({ text }) => text)))),
    ];
    const advance = inRows(texts.length, rows.length, task.advance);
    const outcomes = await askVectors(context, planned, 'embed', texts, advance);
    const vectors = new Map(texts.map((text, i) => [text, outcomes[i] as Outcome<Float32Array>]));
    const joined = given.map((row) => joinVectors(planned.name, row, vectors, size));
    const values = joined.map((outcome) => (outcome.ok ? outcome.value : null));
    const tokens = rowTokens(
      given.map((row) =>
        'error' in row
          ? []
          : [...new Set(row.texts.map(({ text }) => text))].map(
              (text) => vectors.get(text) as Outcome<Float32Array>,
            ),
      ),
    );
    await signal.artifact.writeTensorRows(shard, values, size, rowFailures(joined), tokens);
  });
}

/** The ordered pairs of different texts, each once. */
const buildPairs = (texts: readonly string[]): readonly Pair[] => {
  const distinct = [...new Set(texts)];
  return distinct.flatMap((first) =>
    distinct.filter((second) => second !== first).map((second) => ({ first, second })),
  );
};

const fill = (template: string, query: string, pair: Pair): string => {
  const values: Readonly<Record<string, string>> = { query, ...pair };
  // One pass, so that braces inside the texts are left alone.
  return template.replace(
    /\{(query|first|second)\}/g,
    (_whole, name: string) => values[name] ?? '',
  );
};

const getPairKey = ({ first, second }: Pair): string => JSON.stringify([first, second]);

/** Puts what a model said about the pairs of a row into the matrix of its samples. */
const judged = (
  id: string,
  texts: readonly string[],
  replies: readonly { readonly pair: Pair; readonly outcome: Replied }[],
): Exclude<EntailmentRow, { readonly error: object }> => {
  const judgements = new Map(
    replies.map(({ pair, outcome }) => [
      getPairKey(pair),
      parseEntailment(outcome.value[0]?.text ?? ''),
    ]),
  );
  return {
    id,
    n: texts.length,
    values: texts.flatMap((first) =>
      texts.map((second) =>
        first === second ? 1 : (judgements.get(getPairKey({ first, second })) ?? null),
      ),
    ),
    unread: [...judgements.values()].filter((judgement) => judgement === null).length,
    ...countTokens(replies.map(({ outcome }) => outcome)),
  };
};

/** The row of some samples, from the outcomes of all its pairs; one that failed fails the row. */
function buildRow(
  row: TextRow,
  pairs: readonly Pair[],
  outcomes: readonly Outcome<readonly Completion[]>[],
): EntailmentRow {
  if ('error' in row) return { id: row.id, error: noSamples(row.error.message) };
  const replies: { readonly pair: Pair; readonly outcome: Replied }[] = [];
  for (const [i, outcome] of outcomes.entries()) {
    if (!outcome.ok) return { id: row.id, error: { code: outcome.code, message: outcome.message } };
    replies.push({ pair: pairs[i] as Pair, outcome });
  }
  return judged(
    row.id,
    row.texts.map(({ text }) => text),
    replies,
  );
}

/**
 * Asks a model about each ordered pair of different texts of a row once. Replies that are neither
 * yes nor no are counted, and a warning says how many there are.
 */
export async function judgePairs(
  context: RunContext,
  signal: StoredSignal,
  samples: Artifact,
  set: QuerySet,
): Promise<void> {
  const { request, artifact } = signal;
  const { config } = context.plan.project;
  const template = String(request.params['template']);
  let replies = 0;
  let unread = 0;
  await produceSignal(context, signal, set, async (planned, rows, shard, task) => {
    const given = await samples.readRows<TextRow>(shard);
    const asked = given.map((row) =>
      'error' in row ? [] : buildPairs(row.texts.map(({ text }) => text)),
    );
    const prompts = asked.flatMap((pairs, i): readonly ModelPrompt[] => {
      const { prompt } = rows[i] as DatasetRow;
      return pairs.map((pair) => buildChatPrompt(config, fill(template, prompt, pair)));
    });
    const advance = inRows(prompts.length, rows.length, task.advance);
    const settings = getGeneration(request);
    const outcomes = [...(await askTexts(context, planned, prompts, settings, advance))];
    const made = given.map((row, i) => {
      const pairs = asked[i] as readonly Pair[];
      return buildRow(row, pairs, outcomes.splice(0, pairs.length));
    });
    for (const row of made) {
      if ('error' in row) continue;
      replies += row.requests;
      unread += row.unread;
    }
    await artifact.writeRows(shard, made);
  });
  if (unread > 0)
    context.observer.warn(
      `${getModelName(request)} on ${set.dataset}/${set.split}: ${unread} of ${replies} replies ` +
        `about ${getTitle(request)} were neither yes nor no.`,
    );
}

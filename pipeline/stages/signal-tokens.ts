/** What the rows of a stored signal took, whichever call made them. */
import type { ModelInfo, TokenUsage } from '../../core/contracts.js';
import { TOKEN_COUNTS } from '../../storage/artifact.js';
import type { StoredSignal } from '../signals/reader.js';
import type { EntailmentRow } from './observe-samples.js';
import type { TextRow } from './token-counts.js';

/** What one row took; null = not known. */
export interface RowTokens {
  readonly requests: number | null;
  /** Tokens as they are counted by whoever answered: a server, or the model in this process. */
  readonly usage: Pick<TokenUsage, 'prompt' | 'cachedPrompt' | 'completion'> | null;
  /** Replies that could not be read as a judgement. */
  readonly unread: number;
}

const known = (value: number | undefined): number | null =>
  value === undefined || value < 0 ? null : value;

/** The rows of a shard of tensors; `failed` where there is no value. */
async function readTensorTokens(
  { artifact }: StoredSignal,
  shard: number,
): Promise<readonly (RowTokens | 'failed')[]> {
  const { present, tokens } = await artifact.readTokens(shard);
  return Array.from(present, (mark, row) => {
    if (mark === 0) return 'failed';
    const at = row * TOKEN_COUNTS.length;
    const [requests, prompt, cachedPrompt, completion] = TOKEN_COUNTS.map((_name, i) =>
      known(tokens?.[at + i]),
    ) as [number | null, number | null, number | null, number | null];
    return {
      requests,
      usage:
        prompt === null || completion === null
          ? null
          : { prompt, completion, cachedPrompt: cachedPrompt ?? 0 },
      unread: 0,
    };
  });
}

/** The same of a shard of texts. `remote`: a server answered, and only its own counts are known. */
async function readTextTokens(
  { artifact }: StoredSignal,
  shard: number,
  remote: boolean,
): Promise<readonly (RowTokens | 'failed')[]> {
  return (await artifact.readRows<TextRow | EntailmentRow>(shard)).map((row) => {
    if ('error' in row) return 'failed';
    const own = { prompt: row.promptTokens, completion: row.completionTokens };
    const usage = remote ? (row.usage ?? null) : own;
    return { requests: row.requests, usage, unread: 'unread' in row ? row.unread : 0 };
  });
}

/** What each row of a signal took, in the order of the set; `failed` where it has no value. */
export async function* readSignalTokens(
  signal: StoredSignal,
  { remote }: Pick<ModelInfo, 'remote'>,
): AsyncGenerator<RowTokens | 'failed'> {
  for (let shard = 0; shard < signal.artifact.shards; shard++)
    yield* signal.shape === null
      ? await readTextTokens(signal, shard, remote !== undefined)
      : await readTensorTokens(signal, shard);
}

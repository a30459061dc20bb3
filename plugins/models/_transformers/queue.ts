import { planBatches } from '../_onnx/batches.js';
import type { ReadBatch, RowReply } from './reader.js';

/** What is requested for a prompt. */
export type Wanted = Pick<ReadBatch, 'logits' | 'hiddenStates'>;

interface Waiting {
  readonly ids: readonly number[];
  readonly wanted: Wanted;
  readonly resolve: (reply: RowReply) => void;
  readonly reject: (error: unknown) => void;
}

/** Prompts of all calls in the same tick are read together: batches of similar length. */
export class ReadQueue {
  #waiting: Waiting[] = [];

  constructor(
    private readonly limits: { readonly batchSize: number; readonly batchTokens: number },
    private readonly read: (batch: ReadBatch) => Promise<readonly RowReply[]>,
  ) {}

  async add(ids: readonly number[], wanted: Wanted): Promise<RowReply> {
    return await new Promise((resolve, reject) => {
      if (this.#waiting.push({ ids, wanted, resolve, reject }) === 1)
        setImmediate(() => this.#send());
    });
  }

  #send(): void {
    const { batchSize, batchTokens } = this.limits;
    const all = this.#waiting;
    this.#waiting = [];
    for (const same of grouped(all)) {
      const lengths = same.map(({ ids }) => ids.length);
      for (const batch of planBatches(lengths, {
        rows: batchSize,
        cells: (length) => length,
        maxCells: batchTokens,
        equalLengths: false,
      })) {
        const rows = batch.map((at) => same[at] as Waiting);
        const [first] = rows as [Waiting];
        this.read({ rows: rows.map(({ ids }) => ids), ...first.wanted }).then(
          (replies) =>
            rows.forEach(({ resolve }, at) =>
              resolve(replies[at] ?? { problem: 'there was no reply for it' }),
            ),
          (error: unknown) => rows.forEach(({ reject }) => reject(error)),
        );
      }
    }
  }
}

const grouped = (all: readonly Waiting[]): readonly (readonly Waiting[])[] => {
  const groups = new Map<string, Waiting[]>();
  for (const item of all) {
    const key = JSON.stringify([item.wanted.logits, item.wanted.hiddenStates]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
};

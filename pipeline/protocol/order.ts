import { seededRandom } from '../../core/util/random.js';
import { shuffled } from './select.js';

/** Shards that are shuffled together: bounds memory, and is the whole set for up to 4,096 rows. */
const WINDOW_SHARDS = 16;

/**
 * One stretch of scoring: some shards of a set, and the order in which their rows (numbered through
 * the set) are shown.
 */
export interface ScoringWindow {
  readonly shards: readonly number[];
  readonly order: Int32Array;
}

/** The order in which a router meets a set: shards at random, rows at random within each window. */
export function scoringOrder(
  rows: number,
  shardRows: number,
  seed: string,
): readonly ScoringWindow[] {
  const random = seededRandom(seed);
  const shards = random.shuffle(Array.from({ length: Math.ceil(rows / shardRows) }, (_, i) => i));
  const windows: ScoringWindow[] = [];
  for (let i = 0; i < shards.length; i += WINDOW_SHARDS) {
    const window = shards.slice(i, i + WINDOW_SHARDS);
    const members = window.flatMap((shard) =>
      Array.from(
        { length: Math.min(shardRows, rows - shard * shardRows) },
        (_, k) => shard * shardRows + k,
      ),
    );
    windows.push({ shards: window, order: shuffled(Int32Array.from(members), `${seed}/${i}`) });
  }
  return windows;
}

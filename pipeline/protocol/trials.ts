/** Which options of a router are tried on validation rows. */
import { seededRandom } from '../../core/util/random.js';
import type { Json, JsonObject } from '../../core/util/json.js';

/** One point of a grid, by its number; the last name changes fastest. */
function pointAt(grid: readonly (readonly [string, readonly Json[]])[], index: number): JsonObject {
  const point: Record<string, Json> = {};
  let rest = index;
  for (const [name, values] of [...grid].reverse()) {
    point[name] = values[rest % values.length] as Json;
    rest = Math.floor(rest / values.length);
  }
  return point;
}

/**
 * At most `count` parts of options: first none, so that the options of the config are among them,
 * then points of the grid drawn with a seed, each once. Options that the config sets are not
 * searched.
 */
export function drawTrials(
  search: Readonly<Record<string, readonly unknown[]>>,
  given: readonly string[],
  count: number,
  seed: number,
): readonly JsonObject[] {
  const grid = Object.entries(search as Readonly<Record<string, readonly Json[]>>).filter(
    ([name]) => !given.includes(name),
  );
  if (grid.length === 0 || count < 2) return [{}];
  const size = grid.reduce((product, [, values]) => product * values.length, 1);
  const random = seededRandom(seed).fork('trials');
  const drawn = new Set<number>();
  while (drawn.size < Math.min(count - 1, size)) drawn.add(random.int(0, size - 1));
  return [{}, ...[...drawn].map((index) => pointAt(grid, index))];
}

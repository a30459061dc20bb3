import type { Leaderboard, Routing } from '../../storage/results/types.js';

/**
 * The routers of a leaderboard that decide at the same time, with their ranks among themselves, and
 * the controls.
 */
export const onlyDeciding = (
  leaderboard: Leaderboard,
  decides: Routing['decides'],
): Leaderboard => ({
  ...leaderboard,
  decides,
  rows: leaderboard.rows.flatMap((row) => {
    if (row.control) return [row];
    const { rank: _rank, rankRange: _range, routing, ...rest } = row;
    if (routing?.decides !== decides) return [];
    const { rank, rankRange } = routing;
    return [{ ...rest, rank, ...(rankRange === undefined ? {} : { rankRange }), routing }];
  }),
});

import type {
  LeaderboardRobustness,
  LeaderboardRow,
  Robustness,
} from '../../storage/results/types.js';

/** The part of a result's robustness that the leaderboard shows. */
export const summariseRobustness = ({ kinds, ...rest }: Robustness): LeaderboardRobustness => ({
  ...rest,
  kinds: kinds.map(({ kind, queries, robustness, kappa }) => ({
    kind,
    queries,
    robustness,
    kappa,
  })),
});

/** Why a router counts as a look-up table, one reason per set. */
export const lookUpReasons = ({ robustness = {} }: LeaderboardRow): readonly string[] =>
  Object.values(robustness).flatMap(({ lookUp }) => lookUp ?? []);

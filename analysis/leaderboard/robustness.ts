import type {
  LeaderboardRobustness,
  LeaderboardRow,
  Robustness,
} from '../../storage/results/types.js';

/** What the board keeps of a result. */
export const summariseRobustness = ({ kinds, ...rest }: Robustness): LeaderboardRobustness => ({
  ...rest,
  kinds: kinds.map(({ kind, queries, robustness, kappa }) => ({
    kind,
    queries,
    robustness,
    kappa,
  })),
});

/** Why a router is taken for a look-up table, one reason a set. */
export const lookUpReasons = ({ robustness = {} }: LeaderboardRow): readonly string[] =>
  Object.values(robustness).flatMap(({ lookUp }) => lookUp ?? []);

import type { BoardRobustness, BoardRow, Robustness } from '../../storage/results/types.js';

/** What the board keeps of a result. */
export const boardRobustness = ({ kinds, ...rest }: Robustness): BoardRobustness => ({
  ...rest,
  kinds: kinds.map(({ kind, queries, robustness, kappa }) => ({
    kind,
    queries,
    robustness,
    kappa,
  })),
});

/** Why a router is taken for a look-up table, one reason a set. */
export const lookUpReasons = ({ robustness = {} }: BoardRow): readonly string[] =>
  Object.values(robustness).flatMap(({ lookUp }) => lookUp ?? []);

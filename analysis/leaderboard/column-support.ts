/** What the interval of a column of the leaderboard stands on: its sets. */
import type { LeaderboardColumn, RouterResult } from '../../storage/results/types.js';

/** AUROC in domain minus AUROC out of domain: a metric of the out-of-domain average. */
export const AUROC_DROP = 'auroc-drop';

/** What the sets of a column allow. */
export interface ColumnSupport {
  /** Why one of the sets has no interval of the metric, with its name. */
  readonly noCi?: string;
  /** The fewest independent queries of the rarer label; infinite where no set counts them. */
  readonly rarerLabel: number;
}

/** The sets that a column averages, directly or as members of a group; itself where it is a set. */
export const listSets = (
  column: string,
  columns: readonly LeaderboardColumn[],
): readonly string[] => {
  const { kind, of: members = [] } = columns.find(({ name }) => name === column) ?? {};
  return kind === 'dataset' ? [column] : members.flatMap((name) => listSets(name, columns));
};

/**
 * What the sets of a column allow for one metric of one router: an average has an interval only
 * where all its sets have one.
 */
export function findColumnSupport(
  routerResults: readonly RouterResult[],
  columns: readonly LeaderboardColumn[],
  column: string,
  metric: string,
): ColumnSupport {
  const isDrop = metric === AUROC_DROP;
  const sets = isDrop
    ? columns.filter(({ kind }) => kind === 'dataset').map(({ name }) => name)
    : listSets(column, columns);
  const own = routerResults.filter(({ dataset }) => sets.includes(dataset));
  const reasons = own.flatMap(({ dataset, metrics }) => {
    const measured = metrics[isDrop ? 'auroc' : metric];
    return measured?.value === undefined || measured.value === null || measured.noCi === undefined
      ? []
      : [column === dataset ? measured.noCi : `${dataset}: ${measured.noCi}`];
  });
  return {
    ...(reasons[0] === undefined ? {} : { noCi: reasons[0] }),
    rarerLabel: Math.min(...own.map(({ rarerLabel }) => rarerLabel ?? Infinity)),
  };
}

/** Why routers could not be tested against others: once where all have the same reason. */
export function explainUntested(
  routers: readonly { readonly router: string; readonly noCi: string | null }[],
): string | undefined {
  const untested = routers.filter(({ noCi }) => noCi !== null);
  const [first] = untested;
  if (first === undefined) return undefined;
  const isShared =
    untested.length === routers.length && untested.every(({ noCi }) => noCi === first.noCi);
  return isShared
    ? (first.noCi ?? '')
    : untested.map(({ router, noCi }) => `${router}: ${noCi ?? ''}`).join('; ');
}

/** Routers whose confidences cannot be what their author meant. */
import type { RouterResult } from '../storage/results/types.js';

/** From this AUROC down, a router without an interval counts as turned round. */
const FAR_BELOW = 0.4;
/** With fewer rows, an AUROC without an interval says nothing. */
const FEWEST_ROWS = 20;

/** Whether a router orders the queries of a set the wrong way round, beyond doubt. */
function isReversed({ metrics: { auroc }, rows }: RouterResult): boolean {
  if (auroc?.value === null || auroc === undefined) return false;
  if (auroc.ci !== undefined) return auroc.ci[1] < 0.5;
  return rows.scored >= FEWEST_ROWS && auroc.value < FAR_BELOW;
}

/** Whether a router has one confidence for all queries of a set: its curve is a straight line. */
function isConstant({ metrics: { auroc }, curve }: RouterResult): boolean {
  const [first, last] = [curve[0], curve.at(-1)];
  if (auroc?.value !== 0.5 || first === undefined || last === undefined) return false;
  return curve.every(
    ([rate, score]) => Math.abs(first[1] + rate * (last[1] - first[1]) - score) < 1e-6,
  );
}

/** Whether a set gives no reason to believe that a router does better than a coin. */
function isRandom({ metrics: { auroc } }: RouterResult): boolean {
  if (auroc?.value === null || auroc?.ci === undefined) return false;
  return auroc.ci[0] <= 0.5 && auroc.ci[1] >= 0.5;
}

const names = (results: readonly RouterResult[]): string =>
  results
    .map(
      ({ dataset, metrics: { auroc } }) =>
        `${dataset} (auroc ${typeof auroc?.value === 'number' ? auroc.value.toFixed(3) : '–'})`,
    )
    .join(', ');

/**
 * A sentence for each router that looks turned round, constant or random on test sets. Controls are
 * left out: they are meant to be so.
 */
export function findSuspiciousRouters(results: readonly RouterResult[]): readonly string[] {
  const routers = new Map<string, RouterResult[]>();
  for (const result of results)
    if (result.plugin !== null && result.metrics['auroc']?.value != null)
      routers.set(result.router, [...(routers.get(result.router) ?? []), result]);
  return [...routers].flatMap(([router, all]) => {
    const reversed = all.filter(isReversed);
    const constant = all.filter(isConstant);
    if (constant.length > 0)
      return [`${router} has the same confidence for every query of ${names(constant)}.`];
    if (reversed.length > 0)
      return [
        `${router} orders queries the wrong way round on ${names(reversed)}: a high confidence must mean that the weak model is enough.`,
      ];
    return all.every(isRandom)
      ? [`${router} cannot be told from a random router on ${names(all)}.`]
      : [];
  });
}

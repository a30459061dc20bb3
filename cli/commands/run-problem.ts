import { readRecord, runFolder } from '../../storage/results/store.js';

/** Which failures matter: those of these routers; left out = of all. */
type Routers = readonly string[] | undefined;

/**
 * Why a run is not one of all that its config describes, measured to its end; null where it is.
 * What an earlier run or a killed call left must not pass for it.
 */
export async function findRunProblem(
  results: string,
  run: string,
  routers?: Routers,
): Promise<string | null> {
  const record = await readRecord(runFolder(results, run));
  if (record === null) return `run ${run} has no record of how it was made`;
  if (record.part !== null) return `run ${run} is of a part of the config (${record.part})`;
  if (!record.ended) return `the last call for run ${run} did not come to its end`;
  const failures = record.failures.filter(({ router }) => routers?.includes(router) ?? true);
  const [first] = failures;
  if (first === undefined) return null;
  const others = failures.length === 1 ? '' : `, and ${failures.length - 1} more failed`;
  return `router ${first.router} failed in run ${run} (${first.code} ${first.message})${others}`;
}

import { readRecord, runFolder } from '../../storage/results/store.js';

/** What of a run matters. */
interface Demands {
  /** Failures of these routers; left out = of all. */
  readonly routers?: readonly string[] | undefined;
  /** The part of the config that it may be of; left out = all of it. */
  readonly part?: string | null;
}

/**
 * Why a run is not one of all that its config describes, measured to its end; null where it is.
 * What an earlier run or a killed call left must not pass for it.
 */
export async function findRunProblem(
  results: string,
  run: string,
  { routers, part = null }: Demands = {},
): Promise<string | null> {
  const record = await readRecord(runFolder(results, run));
  if (record === null) return `run ${run} has no record of how it was made`;
  if (record.part !== part)
    return `run ${run} is of ${record.part === null ? 'all' : `a part (${record.part})`} of the config`;
  if (!record.ended) return `the last call for run ${run} did not come to its end`;
  const failures = record.failures.filter(({ router }) => routers?.includes(router) ?? true);
  const [first] = failures;
  if (first === undefined) return null;
  const others = failures.length === 1 ? '' : `, and ${failures.length - 1} more failed`;
  return `router ${first.router} failed in run ${run} (${first.code} ${first.message})${others}`;
}

/** The part of the config that a run is of; null = all of it. */
export const readPart = async (results: string, run: string): Promise<string | null> =>
  (await readRecord(runFolder(results, run)))?.part ?? null;

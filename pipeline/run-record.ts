/** What run.json says of the calls that made a run. */
import { getHarnessVersion } from '../core/packages.js';
import { jsonHash } from '../core/util/canonical-json.js';
import type { JsonObject } from '../core/util/json.js';
import { quantile } from '../analysis/util/quantile.js';
import { readRecord, writeRecord } from '../storage/results/store.js';
import type {
  AnswerCounts,
  FailedRows,
  RunCall,
  RunFailure,
  RunRecord,
} from '../storage/results/types.js';
import { gitState, hostFacts, nodeVersion } from './provenance.js';
import type { FailedRouter } from './planning/planned.js';
import type { RunContext } from './run-context.js';
import { madeBy } from './stages/artifacts.js';
import { namePrepared } from './stages/prepared.js';
import { setProvenance } from './stages/result-provenance.js';
import type { Trained } from './stages/train.js';

/** Dollars over all models; null where one of them is unknown. */
function totalUsd({ spend }: RunContext): number | null {
  const all = Object.values(spend.ledger.accounts()).map(({ usd }) => usd);
  return all.includes(null) ? null : all.reduce<number>((sum, usd) => sum + (usd ?? 0), 0);
}

/** What all numbers of a run are made from, as a hash. */
function hashConfiguration(context: RunContext): string {
  const { plan } = context;
  const sets = namePrepared(context).sets.filter(({ set }) => set.tested);
  return jsonHash({
    harness: plan.harness,
    sets: Object.fromEntries(
      sets.map((stored) => [stored.set.name, setProvenance(context, stored)]),
    ),
    routers: Object.fromEntries(plan.routers.map((router) => [router.name, madeBy(router)])),
    seeds: plan.project.config.protocol.trainingSeeds,
  } as unknown as JsonObject);
}

/** What a call worked on and trained, and whether it came to its end. */
interface CallState {
  readonly stages: readonly string[];
  readonly trained: Trained | null;
  readonly ended: boolean;
  /** Empty until the call has ended. */
  readonly failedRows?: readonly FailedRows[];
  readonly answers?: readonly AnswerCounts[];
}

/** What a call did and cost. */
async function buildCall(
  context: RunContext,
  { started, configuration }: Pick<RunCall, 'configuration'> & { readonly started: Date },
  { stages, trained, ended, failedRows = [], answers }: CallState,
): Promise<RunCall> {
  const { project, models } = context.plan;
  const finished = new Date();
  return {
    configuration,
    stages,
    ended,
    started: started.toISOString(),
    finished: finished.toISOString(),
    seconds: (finished.getTime() - started.getTime()) / 1000,
    host: hostFacts(),
    versions: { routerxbench: await getHarnessVersion(), node: nodeVersion },
    git: await gitState(project.folder),
    trainers: trained?.trainers ?? [],
    fitThreads: trained?.threads ?? 0,
    modelCalls: Object.fromEntries(
      [...models.keys()].map((name) => [name, context.calls.get(name) ?? 0]),
    ),
    spend: {
      usd: totalUsd(context),
      prices: project.config.prices?.date ?? null,
      models: context.spend.ledger.accounts(),
    },
    ...(failedRows.length === 0 ? {} : { failedRows }),
    ...(answers === undefined ? {} : { answers }),
    latency: Object.fromEntries(
      [...context.latency].flatMap(([router, times]) => {
        if (times.length === 0) return []; // stopped before the first time was taken
        const sorted = Float64Array.from(times).sort();
        const [p50, p95, p99] = [
          quantile(sorted, 0.5),
          quantile(sorted, 0.95),
          quantile(sorted, 0.99),
        ];
        return [[router, { p50, p95, p99, queries: sorted.length }]];
      }),
    ),
    notes: Object.fromEntries(
      [...models.values()].map(({ name, info }) => [name, { name: info.name, ...info.notes }]),
    ),
  };
}

/** Routers that failed, as run.json keeps them: each with its first error. */
const listFailures = (failed: readonly FailedRouter[]): readonly RunFailure[] =>
  failed.map(({ router, errors: [first] }) => ({
    router,
    code: first?.code ?? '',
    message: first?.problem ?? '',
  }));

/**
 * A record with one more call. What it says of the work is what the first call with the same
 * configuration did: a later one finds that work finished. Latencies are those first measured.
 * @internal Exported for its tests.
 */
export function addCall(
  before: RunRecord | null,
  call: RunCall,
  about: Pick<RunRecord, 'run' | 'part' | 'failures'>,
): RunRecord {
  const calls = [...(before?.calls ?? []), call];
  const same = calls.filter(({ configuration }) => configuration === call.configuration);
  const latencies = same.flatMap(({ latency }) => Object.entries(latency)).reverse();
  const last = calls.findLast(({ stages }) => stages.includes('eval')) ?? call;
  return {
    schema: 1,
    ...about,
    failures: last === call || before === null ? about.failures : before.failures,
    ...(same[0] ?? call),
    ended: last.ended,
    latency: Object.fromEntries(latencies),
    calls,
  };
}

/**
 * Opens run.json for a call. Each `write` replaces what the one before wrote of this call: one that
 * is killed is then known not to have ended.
 */
export async function openRecord(
  context: RunContext,
  folder: string,
  started: Date,
): Promise<{
  readonly write: (state: CallState, failed: readonly FailedRouter[]) => Promise<RunCall>;
}> {
  const before = await readRecord(folder);
  const { part, config } = context.plan.project;
  const begun = { started, configuration: hashConfiguration(context) };
  return {
    write: async (state, failed) => {
      const call = await buildCall(context, begun, state);
      const about = { run: config.name, part, failures: listFailures(failed) };
      await writeRecord(folder, addCall(before, call, about));
      return call;
    },
  };
}

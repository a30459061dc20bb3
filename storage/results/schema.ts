/**
 * The content of result files, for readers in any language: docs/schema.json is generated from
 * this, and a test compares the two. Files of older versions lack the optional members.
 */
import { z } from 'zod';
import { PERTURBATION_KINDS } from '../../core/perturbation-kinds.js';

const Pair = z.tuple([z.number(), z.number()]);
const Provenance = z.record(z.string(), z.json());

const Measured = z
  .union([
    z.strictObject({
      value: z.number(),
      ci: Pair.exactOptional(),
      noCi: z.string().exactOptional(),
      spread: z.strictObject({ min: z.number(), max: z.number() }).exactOptional(),
    }),
    z.strictObject({ value: z.null(), reason: z.string() }),
  ])
  .meta({
    id: 'Measured',
    description:
      'A value with its interval over queries (ci) or why there is none (noCi), and its range over training seeds (spread); or null and why.',
  });
const Metrics = z
  .record(z.string(), Measured)
  .meta({ id: 'Metrics', description: 'Metric name → value; docs/metrics.md defines them.' });
const Transfer = z
  .strictObject({
    callRate: z.number(),
    thresholds: z.array(z.number().nullable()).exactOptional(),
    realised: Measured,
    recovery: Measured,
  })
  .meta({ id: 'Transfer' });
const Robust = { robustness: Measured, kappa: Measured };
const Robustness = z.strictObject({
  callRate: z.number(),
  queries: z.int(),
  ...Robust,
  selectionEntropy: Measured,
  selectionEntropyPerturbed: Measured,
  auroc: Measured,
  aurocPerturbed: Measured,
  kinds: z.array(z.strictObject({ kind: z.enum(PERTURBATION_KINDS), queries: z.int(), ...Robust })),
  lookUp: z.string().nullable(),
});
const KINDS = z.array(
  z.strictObject({
    ...Robustness.omit({ callRate: true, kinds: true, lookUp: true }).shape,
    kind: z.enum(PERTURBATION_KINDS),
  }),
);
const Chosen = z
  .strictObject({
    trials: z.int(),
    options: z.record(z.string(), z.json()),
    auroc: z.number().nullable(),
    configAuroc: z.number().nullable(),
  })
  .meta({ id: 'Chosen' });
const Role = z.enum(['in-domain', 'out-of-domain']);

const Count = z.int().nullable();
const Spent = {
  requests: Count,
  promptTokens: Count,
  completionTokens: Count,
  usd: z.number().nullable(),
};
const Cost = z
  .strictObject({
    needsAnswer: z.boolean(),
    decides: z.enum(['before', 'after']).exactOptional(),
    ...Spent,
    signals: z.array(
      z.strictObject({
        signal: z.string(),
        model: z.string(),
        failed: Count,
        unread: Count,
        ...Spent,
      }),
    ),
  })
  .meta({ id: 'Cost' });

/** `results/runs/<run>/<router>/<dataset>.json`. */
export const RouterResultSchema = z.strictObject({
  schema: z.literal(1),
  dataset: z.string(),
  role: Role,
  group: z.string().nullable(),
  router: z.string(),
  plugin: z.string().nullable(),
  package: z.string().nullable(),
  version: z.number().nullable(),
  calibrated: z.boolean().exactOptional(),
  rows: z.strictObject({
    total: z.int(),
    scored: z.int(),
    nullWeak: z.int(),
    nullStrong: z.int(),
    nullConfidence: z.int(),
  }),
  rarerLabel: z.int().exactOptional(),
  cost: Cost.nullable().default(null), // absent in files of version 0.1
  unranked: z.string().nullable(),
  unverifiedReason: z.string().nullable().default(null),
  selfReported: z.string().nullable().exactOptional(), // its name in files of version 0.1
  partialSignals: z.array(z.string()).exactOptional(),
  chosen: Chosen.exactOptional(),
  metrics: Metrics,
  fixedDenominator: Metrics,
  withoutNulls: Metrics,
  seeds: z.array(
    z.strictObject({ seed: z.int().nullable(), metrics: Metrics, fit: Provenance.exactOptional() }),
  ),
  curve: z.array(Pair),
  reliability: z.array(z.tuple([z.number(), z.number(), z.number()])).exactOptional(),
  transfer: z.array(Transfer).exactOptional(),
  robustness: Robustness.extend({ kinds: KINDS }).exactOptional(),
  provenance: Provenance,
});

const PerQuery = z.number().nullable();
const Routing = z
  .strictObject({
    decides: z.enum(['before', 'after']),
    needsAnswer: z.boolean(),
    rank: z.int().nullable(),
    rankRange: z.tuple([z.int(), z.int()]).exactOptional(),
    calls: z.array(
      z.strictObject({
        model: z.string(),
        requests: PerQuery,
        promptTokens: PerQuery,
        completionTokens: PerQuery,
      }),
    ),
    usd: PerQuery,
  })
  .meta({ id: 'Routing' });

/** `results/leaderboard.json`. */
export const LeaderboardSchema = z.strictObject({
  schema: z.literal(1),
  run: z.string(),
  rankedBy: z.strictObject({ metric: z.string(), column: z.string() }),
  decides: z.enum(['before', 'after']).exactOptional(),
  uncertainty: z
    .strictObject({
      resamples: z.int(),
      level: z.number(),
      pairs: z.int(),
      detectableGap: z.number().nullable(),
      untested: z.string().exactOptional(),
    })
    .exactOptional(),
  columns: z.array(
    z.strictObject({
      name: z.string(),
      role: Role,
      kind: z.enum(['dataset', 'group', 'average']),
      of: z.array(z.string()),
    }),
  ),
  rows: z.array(
    z.strictObject({
      router: z.string(),
      plugin: z.string().nullable(),
      package: z.string().nullable(),
      version: z.number().nullable(),
      control: z.boolean(),
      seeds: z.array(z.int()),
      rank: z.int().nullable(),
      rankRange: z.tuple([z.int(), z.int()]).exactOptional(),
      unranked: z.string().nullable(),
      unverifiedReason: z.string().nullable().default(null),
      selfReported: z.string().nullable().exactOptional(), // its name in files of version 0.1
      partialSignals: z.array(z.string()).exactOptional(),
      routing: Routing.exactOptional(),
      chosen: Chosen.exactOptional(),
      fitLimit: z.array(z.int()).exactOptional(),
      metrics: z.record(z.string(), Metrics),
      transfer: z.record(z.string(), z.array(Transfer)).exactOptional(),
      robustness: z.record(z.string(), Robustness).exactOptional(),
    }),
  ),
  provenance: Provenance,
});

/** `results/baseline.json`. */
export const BaselineSchema = z.strictObject({
  schema: z.literal(1),
  run: z.string(),
  accepted: z.strictObject({
    reason: z.string(),
    at: z.string(),
    git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
    routerxbench: z.string(),
  }),
  datasets: z.array(
    z.strictObject({
      name: z.string(),
      role: Role,
      group: z.string().nullable(),
      provenance: Provenance,
    }),
  ),
  cells: z.array(
    z.strictObject({
      router: z.string(),
      dataset: z.string(),
      plugin: z.string().nullable(),
      version: z.number().nullable(),
      calibrated: z.boolean(),
      unranked: z.string().nullable(),
      seeds: z.int(),
      metrics: Metrics,
      confidences: z.array(z.string()),
      costs: z.string().exactOptional(),
    }),
  ),
  rows: z.string().nullable(),
});

/** `results/baseline.rows.json`. */
export const BaselineRowsSchema = z.strictObject({
  schema: z.literal(1),
  of: z.string().nullable(),
  ranks: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
});

const Calls = z.record(z.string(), z.int());
const CallShape = {
  configuration: z.string(),
  stages: z.array(z.string()),
  ended: z.boolean(),
  started: z.string(),
  finished: z.string(),
  seconds: z.number(),
  host: Provenance,
  versions: Provenance,
  git: z.strictObject({ commit: z.string(), dirty: z.boolean() }).nullable(),
  trainers: z.array(z.string()),
  fitThreads: z.int(),
  failedRows: z
    .array(
      z.strictObject({
        model: z.string(),
        what: z.string(),
        dataset: z.string(),
        code: z.string(),
        reason: z.string(),
        rows: z.int(),
        of: z.int(),
        id: z.string(),
      }),
    )
    .optional(),
  answers: z
    .array(
      z.strictObject({
        model: z.string(),
        dataset: z.string(),
        answers: z.int(),
        thought: z.int(),
        cutOff: z.int(),
        unread: z.int(),
      }),
    )
    .optional(),
  modelCalls: Calls,
  spend: z.strictObject({
    usd: z.number().nullable(),
    prices: z.string().nullable(),
    models: z.record(
      z.string(),
      z.strictObject({
        asked: z.int(),
        cached: z.int(),
        failed: z.int(),
        requests: z.int(),
        tokens: z
          .strictObject({
            prompt: z.int(),
            cachedPrompt: z.int(),
            completion: z.int(),
            reasoning: z.int(),
          })
          .nullable(),
        usd: z.number().nullable(),
        servedModels: z.array(z.string()),
        latencyMs: z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number() }).nullable(),
      }),
    ),
  }),
  latency: z.record(
    z.string(),
    z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number(), queries: z.int() }),
  ),
  notes: Provenance,
};

/** `results/runs/<run>/run.json`. */
export const RunRecordSchema = z.strictObject({
  schema: z.literal(1),
  run: z.string(),
  part: z.string().nullable(),
  failures: z.array(z.strictObject({ router: z.string(), code: z.string(), message: z.string() })),
  ...CallShape,
  calls: z.array(z.strictObject(CallShape)),
});

/** run.json of version 0.1, which knew neither failures nor earlier calls. */
export const FirstRunRecordSchema = z.looseObject({ schema: z.literal(1), run: z.string() });

/** All of them under one name each, as JSON Schema. */
export const jsonSchema = (): object => {
  const { schemas } = z.toJSONSchema(
    z
      .registry<{ id: string }>()
      .add(RouterResultSchema, { id: 'RouterResult' })
      .add(LeaderboardSchema, { id: 'Leaderboard' })
      .add(BaselineSchema, { id: 'Baseline' })
      .add(RunRecordSchema, { id: 'RunRecord' }),
    { io: 'input' },
  );
  return schemas;
};

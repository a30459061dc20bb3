/** What a config may hold. Every object is strict: an unknown key is an error. */
import { z } from 'zod';
import { PERTURBATION_KINDS } from './perturbation-kinds.js';

const KEBAB = 'use kebab-case: lower-case letters, digits and single dashes';
const Name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, KEBAB);
const Share = z.number().min(0).max(1);
/** Texts that end an answer; of a model, an empty list replaces those of `generation`. */
const Stop = z.array(z.string().min(1));
const Band = z
  .tuple([Share, Share])
  .refine(([low, high]) => low < high, 'the first number must be below the second');

const Count = z.int().positive();
const Amount = z.number().min(0);
const Seconds = z.number().positive().max(86_400);
const Options = z.record(z.string(), z.unknown());
/** A part of the config that may be left out: all its members have defaults. */
const section = <Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
): z.ZodPrefault<z.ZodObject<Shape, z.core.$strict>> => z.strictObject(shape).prefault({} as never);
const distinct = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

const Seeds = z.array(z.int()).min(1).refine(distinct, 'the seeds must differ');
const Price = z.strictObject({ input: Amount, cachedInput: Amount.optional(), output: Amount });
const sampling = { maxTokens: Count, temperature: Amount, topP: Share, seed: z.int(), stop: Stop };
const plugin = { use: z.string(), as: Name.optional(), options: Options.optional() };

/** A plugin by name, or with options and a name of its own. */
const Entry = z.union([z.string(), z.strictObject(plugin)], 'expected a name or { use, … }');

const DatasetEntry = z.union([
  z.string(),
  z.strictObject({
    ...plugin,
    /** Replaces the dataset's scorer; of several, each grades what the ones before it could not. */
    scorer: z.union([Entry, z.array(Entry).min(1)]).optional(),
    /** Sets of one group make one column: their plain mean. */
    group: z.string().optional(),
    fitSplit: z.string().optional(),
    testSplit: z.string().optional(),
  }),
]);

/** A reporter by name, or with options: `['junit', { file: 'junit.xml' }]`. */
const Reported = z.tuple([z.string(), Options]);
const ReporterEntry = z.union([z.string(), Reported], 'expected a name or [name, options]');

const ModelEntry = z.strictObject({
  use: z.string(),
  options: Options.optional(),
  /** How this model answers; overrides `generation`. */
  generation: z.strictObject(sampling).partial().optional(),
});

/** The schema of harness.config.ts. */
export const ConfigSchema = z.strictObject({
  /** A config to extend: `routerxbench/presets/paper`, a file or a package. Lists are replaced. */
  extends: z.string().optional(),
  /** Name of the run: its folder in results/runs. */
  name: Name.default('default'),
  /** Local plugin packages, folders or files; dependencies of the project need no entry. */
  plugins: z.array(z.string()).default([]),
  /** `weak` and `strong`, and others that routers or scorers need (`encoder`, judges). */
  models: z
    .record(Name, ModelEntry)
    .refine(
      (models) => 'weak' in models && 'strong' in models,
      'the models "weak" and "strong" are required',
    ),
  datasets: z.strictObject({
    inDomain: z.array(DatasetEntry).min(1),
    outOfDomain: z.array(DatasetEntry).default([]),
  }),
  routers: z.array(Entry).min(1),
  /** Metrics besides the built-in ones. */
  metrics: z.array(Entry).default([]),
  /**
   * Default: `table` on standard output, `markdown` (leaderboard.md, pairs.md) and `svg` in the
   * folder of results, `github` for checks. Each command uses those that can report its result.
   */
  reporters: z.array(ReporterEntry).optional(),
  /** How both models answer. */
  generation: section({
    maxTokens: Count.default(512),
    temperature: Amount.default(0),
    topP: Share.default(1),
    seed: z.int().default(0),
    stop: Stop.optional(),
    system: z.string().optional(),
  }),
  protocol: section({
    fitSplit: z.string().default('train'),
    testSplit: z.string().default('test'),
    /** Fit rows drawn from each in-domain set with the seed; default all. */
    fitRows: Count.optional(),
    /** Share of the fit rows used for validation. */
    validationShare: z.number().gt(0).lt(1).default(0.2),
    seed: z.int().default(42),
    /** Every router that learns is fitted once for each. */
    trainingSeeds: Seeds.default([1, 2, 3]),
    /** Options tried for each router that learns, chosen on validation rows; 1 = the config's. */
    search: Count.default(8),
    lowBand: Band.default([0.25, 0.3]),
    recoveryBand: Band.default([0.85, 0.95]),
    /** A router is not ranked where a larger share of rows has no grade. */
    nullTolerance: Share.default(0.01),
    /** What an answer counts as that states nothing a scorer can read, or was cut off before. */
    unread: z.enum(['wrong', 'null']).default('wrong'),
    /** A router is not ranked where it has no opinion on a larger share of rows. */
    nullConfidenceTolerance: Share.default(0.2),
    /** Fit rows that are also test rows. */
    overlap: section({
      /** Share of common three-word shingles from which questions count as near duplicates. */
      near: z.number().min(0.5).max(1).default(0.8),
      /** Which of them are removed before fitting. */
      drop: z.enum(['near', 'normalised', 'exact', 'none']).default('near'),
    }),
    /** Whose thresholds are set on validation rows; `all` needs every router's signals on them. */
    transfer: z.enum(['fitted', 'all']).default('fitted'),
    rankBy: z.strictObject({ metric: z.string(), column: z.string() }).optional(),
  }),
  /** Test queries repeated in other words (docs/metrics.md, "Robustness"). */
  perturbations: section({
    on: z.boolean().default(false),
    kinds: z
      .array(z.enum(PERTURBATION_KINDS))
      .min(1)
      .refine(distinct, 'each kind can be listed only once')
      .default([...PERTURBATION_KINDS]),
    /** Queries drawn from each test set. */
    rows: z.int().min(2).default(100),
    /** Share of queries that go to the strong model. */
    callRate: z.number().gt(0).lt(1).default(0.5),
  }),
  /** Intervals and tests: the paired bootstrap over queries. */
  statistics: section({
    resamples: z.int().min(100).default(2000),
    /** Of intervals; tests use 1 − level. */
    level: z.number().min(0.5).lt(1).default(0.95),
    seed: z.int().default(0),
  }),
  /** What `rxb check` compares with the baseline. */
  gate: section({
    /** The metrics to check, and by how much each may be worse than the baseline. */
    metrics: z
      .record(z.string(), z.strictObject({ margin: Amount }))
      .refine((metrics) => Object.keys(metrics).length > 0, 'at least one metric is required')
      .default({ auroc: { margin: 0.01 }, 'lpm-exact': { margin: 0.01 } }),
    /** Columns of the leaderboard; default: the averages. */
    columns: z.array(z.string()).min(1).optional(),
    /** Default: all of the baseline. */
    routers: z.array(z.string()).min(1).optional(),
    /** Whether "inconclusive" gives exit code 5 instead of 0. */
    strict: z.boolean().default(false),
  }),
  /** How third-party routers are isolated (docs/isolation.md). */
  isolation: section({
    /** Packages whose routers may run without a sandbox or with more rights; `all` = every one. */
    trust: z.array(z.string()).default([]),
    /** Packages whose routers run in the process of the harness, for debugging. */
    inProcess: z.array(z.string()).default([]),
    /** Memory limit of a router's process. */
    memoryMiB: z.int().min(64).max(4096).default(2048),
    /** Longest wait for the confidences of a block of rows. */
    scoreSeconds: Seconds.default(60),
    /** Longest time without progress of a fit. */
    fitSeconds: Seconds.default(600),
  }),
  /** US dollars per million tokens on `date`; the cost of other models is unknown, never 0. */
  prices: z
    .strictObject({
      date: z.iso.date(),
      source: z.string().optional(),
      models: z.record(z.string(), Price),
    })
    .optional(),
  /** Folder of the answer cache, relative to the config; default: `cache` in `results`. */
  cache: z.string().min(1).optional(),
  /** Use only the first rows of each split, for a quick look. */
  limit: Count.optional(),
  /** Folders with local copies of the files of datasets, relative to the config. */
  dataDir: z.union([z.string(), z.array(z.string())]).default([]),
  /** Download no files of datasets: a missing one is an error. */
  offline: z.boolean().default(false),
  /** Folder of results, relative to the config. */
  results: z.string().default('results'),
});

/** A config as users write it. */
export type Config = z.input<typeof ConfigSchema>;
/** A config with every default filled in. */
export type ResolvedConfig = z.output<typeof ConfigSchema>;

/** A config that extends another one and may leave out what that one has. */
export type ExtendingConfig = Partial<Config> & { readonly extends: string };

/** Returns its argument, with the type of a config for editors. */
export const defineConfig = <C extends Config | ExtendingConfig>(config: C): C => config;

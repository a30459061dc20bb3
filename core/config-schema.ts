/** What a config may hold. Every object is strict: an unknown key is an error. */
import { z } from 'zod';
import { PERTURBATION_KINDS } from './perturbation-kinds.js';

const Name = z
  .string()
  .regex(
    /^[a-z0-9]+(-[a-z0-9]+)*$/,
    'use kebab-case: lower-case letters, digits and single dashes',
  );
const Share = z.number().min(0).max(1);
/** Texts that end an answer; an empty list takes out those of `generation`. */
const Stop = z.array(z.string().min(1));
const Band = z
  .tuple([Share, Share])
  .refine(([low, high]) => low < high, 'the first number must be below the second');

/** A plugin by name, or with options and a name of its own. */
const Entry = z.union([
  z.string(),
  z.strictObject({
    use: z.string(),
    as: Name.optional(),
    options: z.record(z.string(), z.unknown()).optional(),
  }),
]);

const DatasetEntry = z.union([
  z.string(),
  z.strictObject({
    use: z.string(),
    as: Name.optional(),
    options: z.record(z.string(), z.unknown()).optional(),
    /**
     * Scorer instead of the one the dataset declares; of several, each grades what those before it
     * could not.
     */
    scorer: z.union([Entry, z.array(Entry).min(1)]).optional(),
    /** Sets of one group make one column: their plain mean. */
    group: z.string().optional(),
    fitSplit: z.string().optional(),
    testSplit: z.string().optional(),
  }),
]);

/** A reporter by name, or with options: `['junit', { file: 'junit.xml' }]`. */
const ReporterEntry = z.union([
  z.string(),
  z.tuple([z.string(), z.record(z.string(), z.unknown())]),
]);

const ModelEntry = z.strictObject({
  use: z.string(),
  options: z.record(z.string(), z.unknown()).optional(),
  /** How this model answers; overrides `generation`. */
  generation: z
    .strictObject({
      maxTokens: z.int().positive().optional(),
      temperature: z.number().min(0).optional(),
      topP: Share.optional(),
      seed: z.int().optional(),
      stop: Stop.optional(),
    })
    .optional(),
});

/** The schema of harness.config.ts. */
export const ConfigSchema = z.strictObject({
  /**
   * A preset or another config that this one goes over: `routerxbench/presets/paper`, a file, or a
   * package. Lists are replaced whole.
   */
  extends: z.string().optional(),
  /** Name of the run: its folder under results/runs. */
  name: Name.default('default'),
  /** Local plugin packages, folders or files; packages in node_modules are found by themselves. */
  plugins: z.array(z.string()).default([]),
  /**
   * `weak` and `strong` are needed; `encoder` and others (judges) where a router or scorer asks for
   * them.
   */
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
   * How results are written; left out = `table` on standard output, `markdown` (leaderboard.md,
   * pairs.md) and `svg` in the folder of results, `github` for checks. A command leaves out those
   * that cannot report its kind of result.
   */
  reporters: z.array(ReporterEntry).optional(),
  /** How both models answer. */
  generation: z
    .strictObject({
      maxTokens: z.int().positive().default(512),
      temperature: z.number().min(0).default(0),
      topP: Share.default(1),
      seed: z.int().default(0),
      /** Texts that end an answer; they are no part of it. */
      stop: Stop.optional(),
      system: z.string().optional(),
    })
    .prefault({}),
  protocol: z
    .strictObject({
      fitSplit: z.string().default('train'),
      testSplit: z.string().default('test'),
      /** Fit rows taken from each in-domain set, drawn with the seed; left out = all. */
      fitRows: z.int().positive().optional(),
      /** Share of the mixed fit rows kept for validation. */
      validationShare: z.number().gt(0).lt(1).default(0.2),
      seed: z.int().default(42),
      /** One fit of every fitted router for each. */
      trainingSeeds: z
        .array(z.int())
        .min(1)
        .refine((seeds) => new Set(seeds).size === seeds.length, 'the seeds must differ')
        .default([1, 2, 3]),
      lowBand: Band.default([0.25, 0.3]),
      recoveryBand: Band.default([0.85, 0.95]),
      /** A router's row is not ranked where more rows than this share have no grade. */
      nullTolerance: Share.default(0.01),
      /** … or where it has no opinion on more than this share. */
      nullConfidenceTolerance: Share.default(0.2),
      /** Fit rows that are test rows too. */
      overlap: z
        .strictObject({
          /**
           * Share of three-word shingles from which two questions with the same numbers are nearly
           * one.
           */
          near: z.number().min(0.5).max(1).default(0.8),
          /** Which of them are left out of fitting. */
          drop: z.enum(['near', 'normalised', 'exact', 'none']).default('near'),
        })
        .prefault({}),
      /**
       * Routers whose threshold is chosen on validation rows and carried to every test set: those
       * that are fitted, or all, which makes the signals of
       * every router on the fit rows too.
       */
      transfer: z.enum(['fitted', 'all']).default('fitted'),
      rankBy: z.strictObject({ metric: z.string(), column: z.string() }).optional(),
    })
    .prefault({}),
  /** Showing each router some test queries again in other words (docs/metrics.md, "Robustness"). */
  perturbations: z
    .strictObject({
      on: z.boolean().default(false),
      kinds: z
        .array(z.enum(PERTURBATION_KINDS))
        .min(1)
        .refine(
          (kinds) => new Set(kinds).size === kinds.length,
          'each kind can be listed only once',
        )
        .default([...PERTURBATION_KINDS]),
      /** Queries drawn from each test set. */
      rows: z.int().min(2).default(100),
      /** Share of them that goes to the strong model. */
      callRate: z.number().gt(0).lt(1).default(0.5),
    })
    .prefault({}),
  /** Intervals and tests: the paired bootstrap over queries. */
  statistics: z
    .strictObject({
      /** How often queries are drawn again. */
      resamples: z.int().min(100).default(2000),
      /** Of intervals; tests are made at one minus it. */
      level: z.number().min(0.5).lt(1).default(0.95),
      seed: z.int().default(0),
    })
    .prefault({}),
  /** What `rxb check` holds a run to. */
  gate: z
    .strictObject({
      /**
       * By how much each metric may be worse than the baseline before the gate fails; metrics that
       * are not here are not checked.
       */
      metrics: z
        .record(z.string(), z.strictObject({ margin: z.number().min(0) }))
        .refine((metrics) => Object.keys(metrics).length > 0, 'at least one metric is required')
        .default({ auroc: { margin: 0.01 }, 'lpm-exact': { margin: 0.01 } }),
      /** Columns of the board; left out = the averages. */
      columns: z.array(z.string()).min(1).optional(),
      /** Left out = all of the baseline. */
      routers: z.array(z.string()).min(1).optional(),
      /** Whether "inconclusive" ends with exit code 5 instead of 0. */
      strict: z.boolean().default(false),
    })
    .prefault({}),
  /** How routers that are not ours are held (docs/isolation.md). */
  isolation: z
    .strictObject({
      /**
       * Packages whose routers run though no wall holds them, or need rights that others lack;
       * `all` = every one.
       */
      trust: z.array(z.string()).default([]),
      /** Packages whose routers run inside the harness: for looking into one's own code. */
      inProcess: z.array(z.string()).default([]),
      /** Memory a router's process may take. */
      memoryMiB: z.int().min(64).max(4096).default(2048),
      /** Longest wait for the confidences of a block of rows. */
      scoreSeconds: z.number().positive().max(86_400).default(60),
      /** Longest silence of a fit. */
      fitSeconds: z.number().positive().max(86_400).default(600),
    })
    .prefault({}),
  /**
   * What tokens cost, on the day it was looked up. A model that is not listed costs nobody knows
   * what: never 0.
   */
  prices: z
    .strictObject({
      date: z.iso.date(),
      source: z.string().optional(),
      models: z.record(
        z.string(),
        z.strictObject({
          input: z.number().min(0),
          cachedInput: z.number().min(0).optional(),
          output: z.number().min(0),
        }),
      ),
    })
    .optional(),
  /**
   * Folder of the answer cache, relative to the config; left out = `cache` in the folder of
   * results.
   */
  cache: z.string().optional(),
  /** At most this many rows of each split, from its start: for a quick look. */
  limit: z.int().positive().optional(),
  /** Folders with local copies of the files of datasets, relative to the config. */
  dataDir: z.union([z.string(), z.array(z.string())]).default([]),
  /** Fetch nothing from the network for datasets: what is not there is an error. */
  offline: z.boolean().default(false),
  /** Folder of results, relative to the config. */
  results: z.string().default('results'),
});

/** A config as one writes it. */
export type Config = z.input<typeof ConfigSchema>;
/** A config with every default filled in. */
export type ResolvedConfig = z.output<typeof ConfigSchema>;

/** A config that stands on another: what that one has may be left out. */
export type ExtendingConfig = Partial<Config> & { readonly extends: string };

/** Returns its argument; gives editors the type of the config. */
export const defineConfig = <Given extends Config | ExtendingConfig>(config: Given): Given =>
  config;

/** One side of a comparison: a run, a file or a commit, read into one form. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { getErrorMessage } from '../../core/errors.js';
import { buildRowCosts } from '../../analysis/metrics/costs.js';
import type { JsonObject } from '../../core/util/json.js';
import {
  baselineRowsName,
  type Baseline,
  type BaselineRows,
} from '../../storage/results/baseline.js';
import { fileAt } from '../../storage/results/git.js';
import { withCurrentNames } from '../../storage/results/old-names.js';
import { unpackRanks } from '../../storage/results/ranks.js';
import { readResults, readRows, runFolder } from '../../storage/results/store.js';
import type { Leaderboard, RouterResult, ComparedCell } from '../../storage/results/types.js';
import type { ComparedRows, ComparedRun } from '../../analysis/comparison/compared-run.js';
import { StorageError } from '../../storage/errors.js';

/** What belongs to a router or to metrics in the provenance of a result; the rest to its set. */
const OF_ROUTER = new Set([
  'router',
  'weights',
  'confidences',
  'costs',
  'resamples',
  'statistics',
  'templates',
  'metrics',
]);

/** What the numbers of a set were made from, whatever the router. */
const getSetProvenance = (provenance: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(provenance).filter(([name]) => !OF_ROUTER.has(name)));

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];

/** Rows with both grades, by id. */
async function readComparedRows(folder: string, result: RouterResult): Promise<ComparedRows> {
  const lists = await Promise.all(
    result.seeds.map(
      async ({ seed }) => await readRows(folder, result.router, result.dataset, seed),
    ),
  );
  const graded = (lists[0] ?? [])
    .filter(({ weak, strong }) => weak !== null && strong !== null)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    graded: {
      ids: graded.map(({ id }) => id),
      clusters: graded.map(({ id, cluster }) => cluster ?? `\u0000${id}`),
      weak: Float64Array.from(graded, ({ weak }) => weak as number),
      strong: Float64Array.from(graded, ({ strong }) => strong as number),
      cost: buildRowCosts(graded),
    },
    confidences: lists.map((rows) => {
      const byId = new Map(rows.map(({ id, confidence }) => [id, confidence]));
      return Float64Array.from(graded, ({ id }) => byId.get(id) ?? NaN);
    }),
  };
}

const unique = <T>(items: readonly T[], key: (item: T) => string): readonly T[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];

/** A run under the folder of results; null where there is none. */
export async function readRunForComparison(
  results: string,
  run: string,
): Promise<ComparedRun | null> {
  const folder = runFolder(results, run);
  const all = (await readResults(folder)).filter(({ plugin }) => plugin !== null);
  if (all.length === 0) return null;
  return {
    label: `run ${run}`,
    kind: 'run',
    run,
    sets: unique(all, ({ dataset }) => dataset).map(({ dataset, role, group, provenance }) => ({
      name: dataset,
      role,
      group,
      provenance: getSetProvenance(provenance),
    })),
    cells: all.map(
      ({ router, dataset, plugin, version, calibrated, unranked, seeds, metrics, provenance }) => ({
        router,
        dataset,
        plugin,
        version,
        calibrated: calibrated === true,
        unranked,
        seeds: seeds.length,
        metrics,
        confidences: strings(provenance['confidences']),
        ...(typeof provenance['costs'] === 'string' ? { costs: provenance['costs'] } : {}),
      }),
    ),
    rows: async (router, dataset) => {
      const result = all.find((item) => item.router === router && item.dataset === dataset);
      return result === undefined ? null : await readComparedRows(folder, result);
    },
  };
}

function fromBaseline(label: string, baseline: Baseline, rows: BaselineRows | null): ComparedRun {
  return {
    label,
    kind: 'baseline',
    run: baseline.run,
    sets: baseline.datasets,
    cells: baseline.cells,
    rows: async (router, dataset) => {
      const packed = rows?.ranks[router]?.[dataset];
      return await Promise.resolve(
        packed === undefined ? null : { graded: null, confidences: packed.map(unpackRanks) },
      );
    },
  };
}

function fromLeaderboard(label: string, leaderboard: Leaderboard): ComparedRun {
  const datasets = (leaderboard.provenance['datasets'] ?? {}) as Readonly<
    Record<string, JsonObject>
  >;
  const sets = leaderboard.columns.filter(({ kind }) => kind === 'dataset');
  return {
    label,
    kind: 'board',
    run: leaderboard.run,
    sets: sets.map(({ name, role }) => ({
      name,
      role,
      group:
        leaderboard.columns.find(
          ({ kind, of: columnMembers }) => kind === 'group' && columnMembers.includes(name),
        )?.name ?? null,
      provenance: getSetProvenance(datasets[name] ?? {}),
    })),
    cells: leaderboard.rows
      .filter(({ control }) => !control)
      .flatMap(({ router, plugin, version, unranked, seeds, metrics }) =>
        sets.flatMap(({ name }): ComparedCell[] => {
          const setMetrics = metrics[name];
          return setMetrics === undefined
            ? []
            : [
                {
                  router,
                  dataset: name,
                  plugin,
                  version,
                  calibrated: false,
                  unranked,
                  seeds: Math.max(1, seeds.length),
                  metrics: setMetrics,
                  confidences: [],
                },
              ];
        }),
      ),
    rows: async () => await Promise.resolve(null),
  };
}

/** A text that is a baseline or a leaderboard; anything else is RXB8002. */
function parseComparedRun(label: string, text: string, rows: string | null): ComparedRun {
  const parsed = (json: string): unknown => {
    try {
      return JSON.parse(json) as unknown;
    } catch (cause) {
      throw new StorageError(
        'invalidComparisonSource',
        { side: label, problem: getErrorMessage(cause) },
        { cause },
      );
    }
  };
  const value = withCurrentNames(parsed(text)) as Partial<Baseline & Leaderboard> | null;
  if (typeof value !== 'object' || value === null || value.schema !== 1)
    throw new StorageError('invalidComparisonSource', {
      side: label,
      problem: 'it is not a result file of schema 1',
    });
  if (value.accepted !== undefined && Array.isArray(value.cells)) {
    const baseline = value as Baseline;
    const packed = rows === null ? null : (parsed(rows) as BaselineRows);
    // rows of another baseline are none
    return fromBaseline(label, baseline, packed?.of === baseline.rows ? packed : null);
  }
  if (Array.isArray(value.columns) && Array.isArray(value.rows))
    return fromLeaderboard(label, value as Leaderboard);
  throw new StorageError('invalidComparisonSource', {
    side: label,
    problem: 'it is neither a baseline nor a leaderboard',
  });
}

/** Where names are looked up. */
export interface SearchFolders {
  /** Folder of the config. */
  readonly project: string;
  /** Folder of results, as the config has it, and absolute. */
  readonly results: string;
  readonly cwd: string;
}

/**
 * `git:REF` (the baseline of that commit, else its leaderboard), `git:REF:PATH` (from the root of
 * the repository), a file, or the name of a run.
 * What cannot be found is RXB8002, an unknown commit RXB8003.
 */
export async function openComparedRun(
  name: string,
  { project, results, cwd }: SearchFolders,
): Promise<ComparedRun> {
  const folder = resolve(project, results);
  if (name.startsWith('git:')) {
    const [ref = '', path] = name.slice(4).split(/:(.*)/s);
    const wanted =
      path === undefined
        ? ['baseline.json', 'leaderboard.json'].map((file) =>
            isAbsolute(results) ? `/${file}` : join(results, file),
          )
        : [`/${path}`];
    for (const file of wanted) {
      const text = await fileAt(project, ref, file);
      if (text !== null)
        return parseComparedRun(
          name,
          text,
          await fileAt(project, ref, join(dirname(file), baselineRowsName(basename(file)))),
        );
    }
    throw new StorageError('invalidComparisonSource', {
      side: name,
      problem: `that commit has no ${wanted.join(' or ')}`,
    });
  }
  const file = resolve(cwd, name);
  // the error below names what was looked for
  const text = name.endsWith('.json') ? await readFile(file, 'utf8').catch(() => null) : null;
  // rows may be left out
  if (text !== null)
    return parseComparedRun(
      name,
      text,
      await readFile(join(dirname(file), baselineRowsName(basename(file))), 'utf8').catch(
        () => null,
      ),
    );
  const run = name.endsWith('.json') ? null : await readRunForComparison(folder, name);
  if (run !== null) return run;
  throw new StorageError('invalidComparisonSource', {
    side: name,
    problem: name.endsWith('.json')
      ? 'there is no such file'
      : `there is no run with that name in ${join(results, 'runs')}`,
  });
}

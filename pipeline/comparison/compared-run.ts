/** One side of a comparison: a run, a file or a commit, read into one form. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { buildRowCosts } from '../../analysis/metrics/costs.js';
import { canonicalJson } from '../../core/util/canonical-json.js';
import type { JsonObject } from '../../core/util/json.js';
import {
  baselineRowsName,
  type Baseline,
  type BaselineRows,
} from '../../storage/results/baseline.js';
import { fileAt } from '../../storage/results/git.js';
import { parseResult } from '../../storage/results/parse-result.js';
import {
  BaselineRowsSchema,
  BaselineSchema,
  LeaderboardSchema,
} from '../../storage/results/schema.js';
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

/** Refuses a folder that holds results of several configurations. @throws StorageError */
function refuseMixed(run: string, all: readonly RouterResult[]): void {
  const first = new Map<string, RouterResult>();
  for (const result of all) {
    const other = first.get(result.dataset);
    if (other === undefined) first.set(result.dataset, result);
    else if (
      canonicalJson(getSetProvenance(other.provenance)) !==
        canonicalJson(getSetProvenance(result.provenance)) ||
      other.rows.total !== result.rows.total
    )
      throw new StorageError('mixedRun', {
        run,
        dataset: result.dataset,
        first: `${other.router} (${other.rows.total} rows)`,
        second: `${result.router} (${result.rows.total} rows)`,
      });
  }
}

/** A run under the folder of results; null where there is none. */
export async function readRunForComparison(
  results: string,
  run: string,
): Promise<ComparedRun | null> {
  const folder = runFolder(results, run);
  const all = (await readResults(folder)).filter(({ plugin }) => plugin !== null);
  if (all.length === 0) return null;
  refuseMixed(run, all);
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

/** A text that is a baseline or a leaderboard. @throws StorageError for anything else */
function parseComparedRun(label: string, text: string, rows: string | null): ComparedRun {
  const baseline = parseResult(text, BaselineSchema);
  if ('value' in baseline) {
    const packed = rows === null ? { value: null } : parseResult(rows, BaselineRowsSchema);
    if ('problem' in packed)
      throw new StorageError('invalidComparisonSource', {
        side: label,
        problem: `the rows beside it are damaged: ${packed.problem}`,
      });
    // rows of another baseline are none
    const own = packed.value?.of === baseline.value.rows ? packed.value : null;
    return fromBaseline(label, baseline.value, own);
  }
  const leaderboard = parseResult(text, LeaderboardSchema);
  if ('value' in leaderboard) return fromLeaderboard(label, leaderboard.value);
  throw new StorageError('invalidComparisonSource', {
    side: label,
    problem: `it is neither a baseline (${baseline.problem}) nor a leaderboard (${leaderboard.problem})`,
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

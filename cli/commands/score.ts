/** `rxb score RUN --scorer …`. */
import Table from 'cli-table3';
import { join, relative, resolve } from 'node:path';
import { openCommandProject } from '../open-project.js';
import { rescore, type GradeSummary } from '../../pipeline/rescore.js';
import { readResults, runFolder } from '../../storage/results/store.js';
import { wholeNumber, words } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { progress } from '../progress.js';
import { scorerEntries } from '../scorer-entries.js';
import { decimals } from '../../analysis/util/decimals.js';
import { CliError } from '../errors.js';

/** Flags of the command. */
export interface ScoreFlags extends GlobalOptions {
  readonly scorer: string;
  readonly datasets?: string;
  readonly limit?: string;
  readonly results?: string;
  readonly quiet?: boolean;
}

/** Rows that a run used: the limit that its results name. */
async function readLimit(results: string, run: string): Promise<number | undefined> {
  const found = await readResults(runFolder(results, run));
  const [first] = found;
  if (first === undefined) throw new CliError('unknownRun', { run, folder: join(results, 'runs') });
  const limit = first.provenance['limit'];
  return typeof limit === 'number' ? limit : undefined;
}

/** Grades the stored answers of a run again and prints both gradings. */
export async function scoreCommand(run: string, options: ScoreFlags, io: Io): Promise<ExitCode> {
  const scorer = scorerEntries('--scorer', options.scorer, 'score');
  const datasets = words('--datasets', options.datasets, 'score');
  const given = wholeNumber('--limit', options.limit, 1, 'score');
  const flags = {
    name: run,
    ...(options.results === undefined ? {} : { results: options.results }),
  };
  const observer = progress(io, options.quiet === true);
  try {
    const opening = { configFile: options.config, observer };
    const found = await openCommandProject(io, { ...opening, flags });
    const limit = given ?? (await readLimit(resolve(found.folder, found.config.results), run));
    const project =
      limit === undefined
        ? found
        : await openCommandProject(io, { ...opening, flags: { ...flags, limit } });
    const { folder, results } = await rescore(project, {
      scorer,
      datasets,
      signal: io.signal,
      observer,
    });
    observer.end();
    if (options.json === true) {
      printJson(io, { run, scorer, folder: join(folder, 'scores'), results });
      return 0;
    }
    const table = new Table({
      head: ['dataset', 'model', 'rows', 'was', 'now', 'same'],
      style: { head: [], border: [], compact: true },
    });
    const shown = (
      summary: (GradeSummary & { readonly scorer: string }) | null,
      rows: number,
    ): string =>
      summary === null
        ? '–'
        : `${summary.scorer} ${decimals(summary.mean)}${summary.graded < rows ? ` (${rows - summary.graded} null)` : ''}`;
    for (const { dataset, model, rows, was, now, same } of results)
      table.push([
        dataset,
        model,
        rows,
        shown(was, rows),
        shown(now, rows),
        same === null ? '–' : `${same} of ${rows}`,
      ]);
    io.out(
      `${table.toString()}\nNo answer was generated. Both grades of every row: ${relative(io.cwd, join(folder, 'scores'))}.\n`,
    );
    return 0;
  } finally {
    observer.end();
  }
}

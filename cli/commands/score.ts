/** `rxb score RUN --scorer …`. */
import Table from 'cli-table3';
import { join, relative } from 'node:path';
import { openRunProject } from '../open-run.js';
import { rescore, type GradeSummary } from '../../pipeline/rescore.js';
import { wholeNumber, words } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { progress } from '../progress.js';
import { scorerEntries } from '../scorer-entries.js';
import { decimals } from '../../analysis/util/decimals.js';

/** Flags of the command. */
export interface ScoreFlags extends GlobalOptions {
  readonly scorer: string;
  readonly datasets?: string;
  readonly limit?: string;
  readonly results?: string;
  readonly quiet?: boolean;
}

/** Grades the stored answers of a run again and prints both gradings. */
export async function scoreCommand(run: string, options: ScoreFlags, io: Io): Promise<ExitCode> {
  const scorer = scorerEntries('--scorer', options.scorer, 'score');
  const datasets = words('--datasets', options.datasets, 'score');
  const given = wholeNumber('--limit', options.limit, 1, 'score');
  const observer = progress(io, options.quiet === true);
  try {
    const project = await openRunProject(io, {
      configFile: options.config,
      results: options.results,
      run,
      limit: given,
      observer,
    });
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

/** `rxb pairs`. */
import Table from 'cli-table3';
import { relative } from 'node:path';
import { runPairs } from '../../pipeline/pairs.js';
import { pairsNotes, pairsTable } from '../../plugins/reporters/_report/pairs-table.js';
import { wholeNumber, words } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { progress } from '../progress.js';

/** Flags of the command. */
export interface PairsFlags extends GlobalOptions {
  readonly models?: string;
  readonly datasets?: string;
  readonly routers?: string;
  readonly limit?: string;
  readonly results?: string;
  readonly quiet?: boolean;
}

/** Runs all pairs and prints their board. */
export async function pairsCommand(options: PairsFlags, io: Io): Promise<ExitCode> {
  const limit = wholeNumber('--limit', options.limit, 1, 'pairs');
  const observer = progress(io, options.quiet === true);
  try {
    const flags = {
      ...(limit === undefined ? {} : { limit }),
      ...(options.results === undefined ? {} : { results: options.results }),
    };
    const { files, ...leaderboard } = await runPairs(
      { cwd: io.cwd, configFile: options.config, flags, env: io.env },
      {
        models: words('--models', options.models, 'pairs'),
        datasets: words('--datasets', options.datasets, 'pairs'),
        routers: words('--routers', options.routers, 'pairs'),
        signal: io.signal,
        observer,
      },
    );
    observer.end();
    if (options.json === true) printJson(io, leaderboard);
    else {
      const { head, rows } = pairsTable(leaderboard);
      const table = new Table({ head: [...head], style: { head: [], border: [], compact: true } });
      for (const row of rows) table.push([...row]);
      io.out(
        `${table.toString()}\n${pairsNotes(leaderboard).join('\n')}\n${leaderboard.pairs.length === 1 ? '1 pair, a run' : `${leaderboard.pairs.length} pairs, each a run`} of its own under results/runs. Board: ${files.map((file) => relative(io.cwd, file)).join(', ')}.\n`,
      );
    }
    return leaderboard.pairs.some(({ failures }) => failures.length > 0) ? 3 : 0;
  } finally {
    observer.end();
  }
}

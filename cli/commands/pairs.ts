/** `rxb pairs`. */
import { openCommandProject } from '../open-project.js';
import { runPairs } from '../../pipeline/pairs.js';
import { wholeNumber, words } from '../flags.js';
import type { ExitCode, Io } from '../io.js';
import { progress } from '../progress.js';
import {
  namedReporters,
  openCommandReporters,
  reportWith,
  worstExit,
  type ReporterFlags,
} from '../reporters.js';

/** Flags of the command. */
export interface PairsFlags extends ReporterFlags {
  readonly models?: string;
  readonly datasets?: string;
  readonly routers?: string;
  readonly limit?: string;
  readonly results?: string;
}

/** Runs all pairs and reports them. */
export async function pairsCommand(options: PairsFlags, io: Io): Promise<ExitCode> {
  const limit = wholeNumber('--limit', options.limit, 1, 'pairs');
  const named = namedReporters(options, 'pairs', io);
  const observer = progress(io, options.quiet === true);
  try {
    const project = await openCommandProject(io, {
      configFile: options.config,
      flags: {
        ...(limit === undefined ? {} : { limit }),
        ...(options.results === undefined ? {} : { results: options.results }),
      },
      observer,
      signal: io.signal,
    });
    const reporters = await openCommandReporters(project, { kind: 'pairs', named }, options, io);
    const report = await runPairs(project, {
      models: words('--models', options.models, 'pairs'),
      datasets: words('--datasets', options.datasets, 'pairs'),
      routers: words('--routers', options.routers, 'pairs'),
      signal: io.signal,
      process: io.process,
      observer,
    });
    observer.end();
    const reported = await reportWith(reporters, report, io);
    const incomplete = report.leaderboard.pairs.some(({ failures }) => failures.length > 0);
    return worstExit(reported, incomplete ? 3 : 0);
  } finally {
    observer.end();
  }
}

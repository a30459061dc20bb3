/** `rxb baseline accept --reason …`: the only thing that writes a baseline. */
import { join, relative, resolve } from 'node:path';
import { getHarnessVersion } from '../../core/packages.js';
import { type HarnessError, HarnessErrors } from '../../core/errors.js';
import { PipelineError } from '../../pipeline/errors.js';
import { gitState } from '../../pipeline/provenance.js';
import { buildBaseline } from '../../pipeline/comparison/baseline.js';
import { baselineRowsName } from '../../storage/results/baseline.js';
import { resultJson } from '../../storage/results/store.js';
import { writeReport } from '../../storage/results/report-file.js';
import { readRunForComparison } from '../../pipeline/comparison/compared-run.js';
import { printJson, type ExitCode, type Io } from '../io.js';
import { gateProject, type GateFlags } from './gate-project.js';
import { CliError } from '../errors.js';

/** Flags of the command. */
export interface AcceptFlags extends GateFlags {
  readonly reason: string;
  readonly rows: boolean;
}

const entryName = (
  entry: string | { readonly use: string; readonly as?: string | undefined },
): string => (typeof entry === 'string' ? entry : (entry.as ?? entry.use));

/** Writes the run as the new baseline; a partial run is RXB8005. */
export async function acceptCommand(flags: AcceptFlags, io: Io): Promise<ExitCode> {
  const { config, folder, results } = await gateProject(flags, io);
  if (flags.reason.trim() === '')
    throw new PipelineError('invalidOption', {
      option: '--reason',
      value: '""',
      problem: 'it is empty',
      command: 'baseline accept',
    });
  const run = flags.run ?? config.name;
  const acceptedRun = await readRunForComparison(results, run);
  if (acceptedRun === null)
    throw new CliError('unknownRun', { run, folder: `${config.results}/runs` });

  const sets = [...config.datasets.inDomain, ...config.datasets.outOfDomain].map(entryName);
  const listed = config.routers.map(entryName);
  const known = [...new Set(acceptedRun.cells.map(({ router }) => router))];
  const problems: string[] = [];
  if (known.length < listed.length)
    problems.push(`it has ${known.length} routers, but the config lists ${listed.length}`);
  if (acceptedRun.sets.length < sets.length)
    problems.push(
      `it has ${acceptedRun.sets.length} datasets, but the config lists ${sets.length}`,
    );
  for (const router of known)
    for (const { name } of acceptedRun.sets)
      if (!acceptedRun.cells.some((cell) => cell.router === router && cell.dataset === name))
        problems.push(`${router} has no result on ${name}`);
  const cut = acceptedRun.sets.find(
    ({ provenance }) =>
      provenance['limit'] !== null && provenance['limit'] !== (config.limit ?? null),
  );
  if (cut !== undefined)
    problems.push(`${cut.name} was cut to ${String(cut.provenance['limit'])} rows`);
  const errors = problems.map((problem) => new CliError('cannotAcceptBaseline', { run, problem }));
  if (errors.length === 1) throw errors[0] as HarnessError;
  if (errors.length > 1) throw new HarnessErrors(errors);

  const gated = config.gate.routers ?? known;
  const { baseline, rows } = await buildBaseline(
    acceptedRun,
    Object.keys(config.gate.metrics),
    gated,
    {
      reason: flags.reason,
      at: new Date().toISOString(),
      git: await gitState(folder),
      routerxbench: await getHarnessVersion(),
    },
    flags.rows,
  );
  const file = resolve(results, 'baseline.json');
  const rowsFile = join(results, baselineRowsName('baseline.json'));
  const rowsText = resultJson(rows ?? { schema: 1, of: null, ranks: {} });
  await writeReport(rowsFile, rowsText); // first: rows that belong to another baseline are not used
  await writeReport(file, resultJson(baseline));
  const shown = (path: string): string => relative(io.cwd, path);
  if (flags.json === true)
    printJson(io, {
      baseline: shown(file),
      rows: rows === null ? null : shown(rowsFile),
      accepted: baseline.accepted,
      routers: gated,
      sets: acceptedRun.sets.map(({ name }) => name),
    });
  else
    io.out(
      `Accepted run ${run} as the baseline: ${gated.length} routers on ${acceptedRun.sets.length} sets. Commit ${shown(file)}${rows === null ? '' : ` and ${shown(rowsFile)} (${Math.ceil(rowsText.length / 1024)} KiB)`}.\n`,
    );
  return 0;
}

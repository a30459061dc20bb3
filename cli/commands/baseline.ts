/** `rxb baseline accept --reason …`: the only thing that writes a baseline. */
import { join, relative, resolve } from 'node:path';
import { PipelineError } from '../../pipeline/errors.js';
import { getHarnessVersion } from '../../core/packages.js';
import type { ComparedRun } from '../../analysis/comparison/compared-run.js';
import type { ResolvedConfig } from '../../core/config-schema.js';
import { HarnessError, HarnessErrors } from '../../core/errors.js';
import { gitState } from '../../pipeline/provenance.js';
import { buildBaseline } from '../../pipeline/comparison/baseline.js';
import { baselineRowsName } from '../../storage/results/baseline.js';
import { resultJson } from '../../storage/results/store.js';
import type { ComparedSet } from '../../storage/results/types.js';
import { writeReport } from '../../storage/results/report-file.js';
import { readRunForComparison } from '../../pipeline/comparison/compared-run.js';
import { printJson, type ExitCode, type Io } from '../io.js';
import { gateProject, type GateFlags } from './gate-project.js';
import { findRunProblem } from './run-problem.js';
import { CliError } from '../errors.js';
import { countText } from '../../analysis/util/count-text.js';
import { unknownRun } from '../unknown-run.js';

/** Flags of the command. */
export interface AcceptFlags extends GateFlags {
  readonly reason: string;
  readonly rows: boolean;
}

const entryName = (
  entry: string | { readonly use: string; readonly as?: string | undefined },
): string => (typeof entry === 'string' ? entry : (entry.as ?? entry.use));

/** What a run lacks to be a baseline: routers, datasets, results and rows of the config. */
function listProblems({ cells, sets }: ComparedRun, config: ResolvedConfig): readonly string[] {
  const listedSets = [...config.datasets.inDomain, ...config.datasets.outOfDomain].map(entryName);
  const listed = config.routers.map(entryName);
  const known = [...new Set(cells.map(({ router }) => router))];
  const isMissing = (router: string, dataset: string): boolean =>
    !cells.some((cell) => cell.router === router && cell.dataset === dataset);
  const isCut = ({ provenance }: ComparedSet): boolean =>
    provenance['limit'] !== null && provenance['limit'] !== (config.limit ?? null);
  const cut = sets.find(isCut);
  return [
    ...(known.length < listed.length
      ? [`it has ${countText(known.length, 'router')}, but the config lists ${listed.length}`]
      : []),
    ...(sets.length < listedSets.length
      ? [`it has ${countText(sets.length, 'dataset')}, but the config lists ${listedSets.length}`]
      : []),
    ...known.flatMap((router) =>
      sets
        .filter(({ name }) => isMissing(router, name))
        .map(({ name }) => `${router} has no result on ${name}`),
    ),
    ...(cut === undefined
      ? []
      : [`${cut.name} was cut to ${countText(Number(cut.provenance['limit']), 'row')}`]),
  ];
}

/** Refuses a run that is not complete. @throws CliError */
function requireComplete(run: string, accepted: ComparedRun, config: ResolvedConfig): void {
  const errors = listProblems(accepted, config).map(
    (problem) => new CliError('cannotAcceptBaseline', { run, problem }),
  );
  if (errors.length === 1) throw errors[0] as HarnessError;
  if (errors.length > 1) throw new HarnessErrors(errors);
}

/** Writes the run as the new baseline. @throws CliError for a run that is not complete */
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
  if (acceptedRun === null) throw await unknownRun(results, run);
  const incomplete = await findRunProblem(results, run);
  if (incomplete !== null) throw new CliError('cannotAcceptBaseline', { run, problem: incomplete });
  requireComplete(run, acceptedRun, config);
  const routers = config.gate.routers ?? [
    ...new Set(acceptedRun.cells.map(({ router }) => router)),
  ];
  const { baseline, rows } = await buildBaseline(
    acceptedRun,
    Object.keys(config.gate.metrics),
    routers,
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
  await writeReport(rowsFile, rowsText); // first: rows of another baseline are not used
  await writeReport(file, resultJson(baseline));
  const shown = (path: string): string => relative(io.cwd, path);
  const rowsShown = rows === null ? null : shown(rowsFile);
  if (flags.json === true)
    printJson(io, {
      baseline: shown(file),
      rows: rowsShown,
      accepted: baseline.accepted,
      routers,
      sets: acceptedRun.sets.map(({ name }) => name),
    });
  else {
    const size = `${Math.ceil(rowsText.length / 1024)} KiB`;
    const files = `${shown(file)}${rowsShown === null ? '' : ` and ${rowsShown} (${size})`}`;
    io.out(
      `Accepted run ${run} as the baseline: ${countText(routers.length, 'router')} on ${countText(acceptedRun.sets.length, 'set')}. Commit ${files}.\n`,
    );
  }
  return 0;
}

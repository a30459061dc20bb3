/** `rxb calibrate SCORER --against FILE|SCORER`. */
import Table from 'cli-table3';
import { calibrate, type Against, type Calibration } from '../../pipeline/calibrate.js';
import type { Agreement } from '../../analysis/metrics/agreement.js';
import { openCommandProject } from '../open-project.js';
import { PipelineError } from '../../pipeline/errors.js';
import { wholeNumber, words } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { progress } from '../progress.js';
import { scorerEntries } from '../scorer-entries.js';
import { decimals } from '../../analysis/util/decimals.js';

/** Flags of the command. */
export interface CalibrateFlags extends GlobalOptions {
  readonly against: string;
  readonly datasets?: string;
  readonly limit?: string;
  readonly results?: string;
  readonly threshold?: string;
  readonly quiet?: boolean;
}

const SHOWN = 5;
const COMPACT = { style: { head: [], border: [], compact: true } };

const parseAgainst = (text: string): Against =>
  /\.jsonl?$|[/\\]/.test(text) && !/^\s*[[{]/.test(text)
    ? { file: text }
    : { scorer: scorerEntries('--against', text, 'calibrate') };

/** A share between 0 and 1. */
function share(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value <= 1) return value;
  throw new PipelineError('invalidOption', {
    option: '--threshold',
    value: `"${text}"`,
    problem: 'it must be above 0 and at most 1',
    command: 'calibrate',
  });
}

/** Compares and prints. */
export async function calibrateCommand(
  scorer: string,
  options: CalibrateFlags,
  io: Io,
): Promise<ExitCode> {
  const entries = scorerEntries('SCORER', scorer, 'calibrate');
  const against = parseAgainst(options.against);
  const datasets = words('--datasets', options.datasets, 'calibrate');
  const limit = wholeNumber('--limit', options.limit, 1, 'calibrate');
  const threshold = share(options.threshold);
  const observer = progress(io, options.quiet === true);
  try {
    const flags = {
      ...(limit === undefined ? {} : { limit }),
      ...(options.results === undefined ? {} : { results: options.results }),
    };
    const project = await openCommandProject(io, {
      configFile: options.config,
      flags,
      observer,
    });
    const found = await calibrate(project, {
      scorer: entries,
      against,
      datasets,
      threshold,
      signal: io.signal,
      observer,
    });
    observer.end();
    if (options.json === true) printJson(io, found);
    else print(found, io);
    return 0;
  } finally {
    observer.end();
  }
}

function print(
  { scorer, against, total, datasets, nulls, disagreements }: Calibration,
  io: Io,
): void {
  const summary = new Table({
    head: ['dataset', 'pairs', 'agreement', 'kappa', 'weighted kappa'],
    ...COMPACT,
  });
  const line = (name: string, agreement: Agreement): string[] => [
    name,
    String(agreement.pairs),
    decimals(agreement.agreement),
    decimals(agreement.kappa),
    decimals(agreement.weightedKappa),
  ];
  if (datasets.length > 1)
    for (const { dataset, agreement } of datasets) summary.push(line(dataset, agreement));
  summary.push(line('all', total));
  io.out(`${summary.toString()}\n`);
  if (total.pairs > 0 && total.kappa === null)
    io.out(
      'kappa: – because both put everything into one class, where agreement by chance is certain.\n',
    );
  io.out(
    `Without a grade: ${nulls.ours} by ${scorer} only, ${nulls.theirs} by ${against} only, ${nulls.both} by both.\n`,
  );
  const used = total.classes
    .map((_, i) => i)
    .filter(
      (i) =>
        total.counts[i]?.some((count) => count > 0) === true ||
        total.counts.some((row) => (row[i] ?? 0) > 0),
    );
  const confusion = new Table({
    head: [`${scorer} \\ ${against}`, ...used.map((j) => total.classes[j] as string)],
    ...COMPACT,
  });
  for (const i of used)
    confusion.push([
      total.classes[i] as string,
      ...used.map((j) => String(total.counts[i]?.[j] ?? 0)),
    ]);
  io.out(`${confusion.toString()}\n`);
  for (const { dataset, model, id, answer, reference, ours, theirs } of disagreements.slice(
    0,
    SHOWN,
  )) {
    io.out(
      `${dataset}${model === null ? '' : ` ${model}`} ${id}: ${ours} against ${theirs}, answer ${JSON.stringify(answer.slice(-80))}, reference ${JSON.stringify(reference.slice(0, 80))}\n`,
    );
  }
  if (disagreements.length > SHOWN)
    io.out(`… and ${disagreements.length - SHOWN} more that differ (--json lists all).\n`);
}

/** `rxb measure FILE`. */
import Table from 'cli-table3';
import { isAbsolute, join } from 'node:path';
import { measureFile, type MeasureOptions } from '../../pipeline/measure-file.js';
import { metricsAt } from '../metrics.js';
import type { Measured } from '../../storage/results/types.js';
import { band, parseChoice, positive } from '../flags.js';
import { printJson, type ExitCode, type GlobalOptions, type Io } from '../io.js';
import { countText } from '../../analysis/util/count-text.js';

/** Flags of the command, as typed. */
export interface MeasureFlags extends GlobalOptions {
  readonly label: string;
  readonly scale: string;
  readonly lowBand: string;
  readonly recoveryBand: string;
  readonly calibrated?: boolean;
  readonly probabilities?: boolean;
}

function formatCell(measured: Measured | undefined): string {
  if (measured === undefined) return '–';
  return measured.value === null ? `– (${measured.reason})` : measured.value.toFixed(6);
}

/** Measures the rows of a file and prints the result. */
export async function measureCommand(file: string, flags: MeasureFlags, io: Io): Promise<ExitCode> {
  const options: MeasureOptions = {
    label: parseChoice('--label', flags.label, ['weak-correct', 'weak-at-least-strong'], 'measure'),
    scale: positive('--scale', flags.scale, 'measure'),
    lowBand: band('--low-band', flags.lowBand, 'measure'),
    recoveryBand: band('--recovery-band', flags.recoveryBand, 'measure'),
    calibrated: flags.calibrated === true || flags.probabilities === true,
    probabilities: flags.probabilities === true,
  };
  const known = await metricsAt(flags, io);
  const measured = await measureFile(known, isAbsolute(file) ? file : join(io.cwd, file), options);
  if (flags.json === true) {
    printJson(io, measured);
    return 0;
  }
  const { rows, weakMean, strongMean, metrics } = measured;
  const notes = [
    rows.nullWeak > 0 ? `${rows.nullWeak} without a weak grade` : '',
    rows.nullStrong > 0 ? `${rows.nullStrong} without a strong grade` : '',
    rows.nullConfidence > 0 ? `${rows.nullConfidence} without a confidence` : '',
  ];
  const shown = (value: number | null): string => (value === null ? '–' : value.toFixed(6));
  io.out(
    `${countText(rows.total, 'row')}${notes
      .filter((note) => note !== '')
      .map((note) => `, ${note}`)
      .join('')}. Weak ${shown(weakMean)}, strong ${shown(strongMean)}.\n`,
  );
  const partial = rows.scored < rows.total;
  const table = new Table({
    head: ['metric', 'value', ...(partial ? ['null grade = 0'] : []), 'meaning'],
    style: { head: [], border: [], compact: true },
  });
  for (const { definition } of known) {
    const { name, summary, better } = definition;
    if (metrics[name] === undefined) continue; // it needs costs, and the rows have none
    table.push([
      name,
      formatCell(metrics[name]),
      ...(partial ? [formatCell(measured.fixedDenominator[name])] : []),
      `${summary}; ${better} is better`,
    ]);
  }
  io.out(`${table.toString()}\n`);
  return 0;
}

/** `rxb measure FILE`. */
import Table from 'cli-table3';
import { isAbsolute, join } from 'node:path';
import { HarnessError } from '../../errors.js';
import { measureFile, type MeasureOptions } from '../../measure-file.js';
import { METRICS } from '../../metrics/index.js';
import type { ExitCode, GlobalOptions, Io } from '../io.js';

/** Flags of the command, as typed. */
export interface MeasureFlags extends GlobalOptions {
  readonly label: MeasureOptions['label'];
  readonly scale: string;
  readonly lowBand: string;
  readonly recoveryBand: string;
}

function band(option: string, text: string): readonly [number, number] {
  const numbers = text.split(',').map(Number);
  const [low, high] = numbers;
  if (numbers.length === 2 && low !== undefined && high !== undefined && low >= 0 && high <= 1 && low < high) return [low, high];
  throw new HarnessError('RXB1005', { option, value: `"${text}"`, problem: 'it must be two shares between 0 and 1, the smaller first, such as 0.25,0.3', command: 'measure' });
}

function topOf(text: string): number {
  const scale = Number(text);
  if (Number.isFinite(scale) && scale > 0) return scale;
  throw new HarnessError('RXB1005', { option: '--scale', value: `"${text}"`, problem: 'it must be a number above 0', command: 'measure' });
}

/** Measures the rows of a file and prints the result. */
export async function measureCommand(file: string, flags: MeasureFlags, io: Io): Promise<ExitCode> {
  const options: MeasureOptions = { label: flags.label, scale: topOf(flags.scale), lowBand: band('--low-band', flags.lowBand), recoveryBand: band('--recovery-band', flags.recoveryBand) };
  const measured = await measureFile(isAbsolute(file) ? file : join(io.cwd, file), options);
  if (flags.json === true) {
    io.out(`${JSON.stringify(measured, null, 2)}\n`);
    return 0;
  }
  const { rows, weakMean, strongMean, metrics } = measured;
  const notes = [rows.nullWeak > 0 ? `${rows.nullWeak} without a weak grade` : '', rows.nullStrong > 0 ? `${rows.nullStrong} without a strong grade` : '', rows.nullConfidence > 0 ? `${rows.nullConfidence} without a confidence` : ''];
  const shown = (value: number | null): string => (value === null ? '–' : value.toFixed(6));
  io.out(`${rows.total} rows${notes.filter((note) => note !== '').map((note) => `, ${note}`).join('')}. Weak ${shown(weakMean)}, strong ${shown(strongMean)}.\n`);
  const partial = rows.scored < rows.total;
  const table = new Table({ head: ['metric', 'value', ...(partial ? ['null grade = 0'] : []), 'meaning'], style: { head: [], border: [], compact: true } });
  for (const { name, summary, higherIsBetter } of METRICS) {
    const cell = (value: (typeof metrics)[string] | undefined): string => (value === undefined ? '–' : value.value === null ? `– (${value.reason})` : value.value.toFixed(6));
    table.push([name, cell(metrics[name]), ...(partial ? [cell(measured.fixedDenominator[name])] : []), `${summary}; ${higherIsBetter ? 'higher' : 'lower'} is better`]);
  }
  io.out(`${table.toString()}\n`);
  return 0;
}

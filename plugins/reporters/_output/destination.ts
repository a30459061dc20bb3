/** Where a reporter writes its text: standard output, or the file that its options name. */
import { z, type ReportOutput } from '../../../core/index.js';
import type { Report } from '../../../analysis/index.js';

const Path = z.string().min(1);
const EXPECTED = 'expected a path, or { run, comparison, check, pairs } with a path each';

/** The option `file` of reporters. */
export const fileOption = z
  .union(
    [
      Path,
      z.strictObject({
        run: Path.optional(),
        comparison: Path.optional(),
        check: Path.optional(),
        pairs: Path.optional(),
      }),
    ],
    EXPECTED,
  )
  .optional()
  .describe('file to write, or one file for each kind of report; left out = standard output');

/** A checked option `file`. */
export type FileOption = z.output<typeof fileOption>;

/** Whether the text goes to standard output: only there colours and a width make sense. */
export const isPrinted = (file: FileOption): boolean => file === undefined;

/**
 * Prints the text, or writes it to the file of this kind of report. Where `file` names files for
 * other kinds only, nothing is written.
 */
export async function emit(
  text: string,
  kind: Report['kind'],
  file: FileOption,
  output: ReportOutput,
): Promise<void> {
  if (file === undefined) {
    output.print(text);
    return;
  }
  const path = typeof file === 'string' ? file : file[kind];
  if (path !== undefined) await output.write(path, text);
}

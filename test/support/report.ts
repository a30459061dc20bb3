import type { Report } from '../../analysis/report.js';
import type { Reporter, ReportOutput } from '../../core/contracts.js';
import { builtIns } from './built-ins.js';
import { createInstance } from './instance.js';

/** What a reporter wrote, by where it wrote it. */
export interface Written {
  printed: string;
  noted: string;
  readonly files: Record<string, string>;
  readonly appended: Record<string, string>;
}

/** Gives a report to a built-in reporter, and keeps what it writes. */
export async function writeReportWith(
  name: string,
  report: Report,
  options: object = {},
  over: Partial<Pick<ReportOutput, 'colour' | 'env' | 'width'>> = {},
): Promise<Written> {
  const { plugin } = (await builtIns()).find('reporter', name);
  if (plugin === null) throw new Error(`${name} is not loaded`);
  const reporter: Reporter = createInstance('reporter', plugin, options);
  const written: Written = { printed: '', noted: '', files: {}, appended: {} };
  await reporter.report(report as never, {
    print: (text) => void (written.printed += text),
    note: (text) => void (written.noted += text),
    write: (path, text) => {
      written.files[path] = text;
      return Promise.resolve();
    },
    append: (path, text) => {
      written.appended[path] = (written.appended[path] ?? '') + text;
      return Promise.resolve();
    },
    colour: false,
    env: {},
    ...over,
  });
  return written;
}

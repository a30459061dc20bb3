import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Report, RunReport } from '../../../../analysis/report.js';
import type { Reporter } from '../../../../core/contracts.js';
import { runReporters, type Reported } from '../../../../pipeline/reporting/run-reporters.js';
import type { ReportDestination } from '../../../../pipeline/reporting/report-output.js';
import { SYNTHETIC_REPORTS } from '../../../../testing/reporter-reports.js';
import { inTemporaryFolder, rejection } from '../../../support/temporary.js';

type Writing = Reporter<RunReport>['report'];

/** Gives a made-up run to reporters; what they print and note is kept. */
async function report(
  reporters: Readonly<Record<string, Writing>>,
  over: Partial<ReportDestination> = {},
): Promise<Reported & { readonly printed: string; readonly noted: string }> {
  let printed = '';
  let noted = '';
  const reported = await runReporters(
    Object.entries(reporters).map(([name, write]) => ({ name, reporter: { report: write } })),
    SYNTHETIC_REPORTS.run[0] as Report,
    {
      results: '/nowhere',
      print: (text) => void (printed += text),
      note: (text) => void (noted += text),
      colour: false,
      env: {},
      ...over,
    },
  );
  return { ...reported, printed, noted };
}

const problems = ({ failures }: Reported): readonly string[] =>
  failures.map(({ code, problem }) => `${code} ${problem}`);

const printRun: Writing = ({ run }, { print }) => print(run);
const never = async (): Promise<void> => await new Promise(() => {});

describe('running reporters', () => {
  it('gives each the same report and an output of its own, which none can change for others', async () => {
    const reported = await report({
      changes: (run) => void Object.assign(run.leaderboard.rows[0] ?? {}, { router: 'changed' }),
      adds: (run) => void (run.sets as string[]).push('added'),
      replaces: (_run, output) => void Object.assign(output, { print: () => {} }),
      secrets: (_run, { env }) => void Object.assign(env, { ADDED: '1' }),
      prints: ({ sets, leaderboard }, { print }) =>
        print(`${leaderboard.rows[0]?.router ?? ''} ${sets.join()}`),
    });
    const [full] = SYNTHETIC_REPORTS.run as readonly RunReport[];
    expect(reported.printed).to.equal(
      `${full?.leaderboard.rows[0]?.router ?? ''} ${full?.sets.join() ?? ''}`,
    );
    expect(problems(reported)).to.have.length(3);
    expect(problems(reported)[0]).to.match(/^RXB2110 Reporter "changes" failed: .*read only/);
    expect(problems(reported)[1]).to.match(/^RXB2110 Reporter "adds" failed: .*not extensible/);
  });

  it('gives up one that does not finish in time', async () => {
    const process = { watch: () => () => {} };
    const keepAlive = setInterval(() => {}, 10); // the limit alone keeps no process alive
    const reported = await report({ never, printRun }, { process, limitSeconds: 0.02 });
    clearInterval(keepAlive);
    expect(problems(reported)).to.deep.equal([
      'RXB2110 Reporter "never" failed: it did not finish within 0.02 s.',
    ]);
    expect(reported.printed).to.equal('synthetic');
  });

  it('gives up one that waits for what never comes, or of which something else fails', async () => {
    for (const [event, problem] of [
      ['onIdle', 'it did not finish: nothing is left that it waits for'],
      ['onFailure', 'nobody awaits this'],
    ] as const) {
      let watching = 0;
      const watch: NonNullable<ReportDestination['process']>['watch'] = (watcher) => {
        watching += 1;
        if (watching === 1) setImmediate(() => watcher[event](new Error('nobody awaits this')));
        return () => {};
      };
      const process = { watch };
      const reported = await report({ never, printRun }, { process });
      expect(problems(reported)).to.deep.equal([`RXB2110 Reporter "never" failed: ${problem}.`]);
      expect(reported.printed).to.equal('synthetic');
    }
  });

  it('stops where the command is interrupted', async () => {
    const stop = new AbortController();
    setImmediate(() => stop.abort(new Error('interrupted')));
    const error = await rejection(report({ never, printRun }, { signal: stop.signal }));
    expect(error.message).to.equal('interrupted');
  });

  it('waits for writing that a reporter does not await, and names reporter and file where it fails', async () => {
    await inTemporaryFolder(async (folder) => {
      const reported = await report(
        {
          lazy: (_run, { write }) => void write('a/lazy.txt', 'text'),
          bad: (_run, { write }) => void write('a/lazy.txt/below.txt', 'text'),
          awaits: async (_run, { append }) => await append('a', 'text'),
          empty: async (_run, { write }) => await write('', 'text'),
          number: (_run, { print }) => print(3 as never),
        },
        { results: folder },
      );
      expect(reported.files).to.deep.equal([join(folder, 'a/lazy.txt')]);
      expect(await readFile(join(folder, 'a/lazy.txt'), 'utf8')).to.equal('text');
      const [bad, ...others] = problems(reported);
      expect(bad).to.match(/^RXB2110 Reporter "bad" failed: Cannot write .*below\.txt: ENOTDIR/);
      expect(others).to.deep.equal([
        `RXB2110 Reporter "awaits" failed: Cannot write ${join(folder, 'a')}: it is a folder.`,
        'RXB2110 Reporter "empty" failed: it must name a file to write.',
        'RXB2110 Reporter "number" failed: it must write text, but wrote number.',
      ]);
      expect(await readdir(join(folder, 'a'))).to.deep.equal(['lazy.txt']);
    });
  });

  it('refuses a file that another reporter has written', async () => {
    await inTemporaryFolder(async (folder) => {
      const writes =
        (text: string): Writing =>
        async (_run, { write }) =>
          await write('same.txt', text);
      const reported = await report(
        { first: writes('1'), second: writes('2') },
        { results: folder },
      );
      const file = join(folder, 'same.txt');
      expect(problems(reported)).to.deep.equal([
        `RXB2111 Reporters "first" and "second" both write to ${file}.`,
      ]);
      expect(await readFile(file, 'utf8')).to.equal('1');
    });
  });

  it('ignores what is written too late, and says so', async () => {
    let later = (): void => {};
    const reported = await report({
      late: (_run, { print }) => void (later = () => print('late')),
      calls: () => later(),
    });
    expect(reported.printed).to.equal('');
    expect(reported.noted).to.equal(
      'Reporter "late" wrote to standard output after it had ended. It is ignored.\n',
    );
  });

  it('names one that throws what is no error', async () => {
    const throws = (thrown: unknown): Writing => {
      return () => {
        throw thrown;
      };
    };
    const reported = await report({
      nothing: throws(undefined),
      empty: throws(new Error('')),
      bare: throws(Object.create(null)),
    });
    expect(problems(reported)).to.deep.equal([
      'RXB2110 Reporter "nothing" failed: undefined.',
      'RXB2110 Reporter "empty" failed: an error without a message.',
      'RXB2110 Reporter "bare" failed: something that cannot be shown as text.',
    ]);
  });
});

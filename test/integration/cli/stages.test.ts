import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inToyProject } from '../../support/toy-project.js';

interface Report {
  readonly run: string;
  readonly modelCalls: Readonly<Record<string, number>>;
  readonly board: {
    readonly rows: readonly { readonly router: string; readonly rank: number | null }[];
  } | null;
  readonly failures: readonly { readonly code: string }[];
}

describe('rxb run', () => {
  it('prints the board on stdout, progress on stderr, and says how many model calls it made', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const first = await rxb('run');
      expect(first.exitCode, first.stderr).to.equal(0);
      expect(first.stdout).to.match(/^\|\s*rank\s*\|\s*router/m);
      expect(first.stdout).to.include('toy-sure').and.to.include('(oracle)');
      expect(first.stdout).to.include('320 model calls (weak 160, strong 160)');
      expect(first.stdout).to.include(join('results', 'runs', 'toy'));
      expect(await readdir(join(folder, 'results'))).to.include.members([
        'leaderboard.json',
        'leaderboard.md',
        'runs',
        'artifacts',
      ]);
    });
  });

  it('asks no model again when called a second time', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await rxb('run');
      const board = await readFile(join(folder, 'results/leaderboard.json'), 'utf8');
      const again = await rxb('run');
      expect(again.exitCode, again.stderr).to.equal(0);
      expect(again.stdout).to.include('0 model calls: all work was finished before');
      expect(await readFile(join(folder, 'results/leaderboard.json'), 'utf8')).to.equal(board);
    });
  });

  it('gives one JSON object and nothing else on stdout with --json', async () => {
    await inToyProject(async ({ rxb }) => {
      const { stdout, exitCode } = await rxb('run', '--json', '--limit', '20');
      expect(exitCode).to.equal(0);
      const report = JSON.parse(stdout) as Report;
      expect(report).to.include.keys('run', 'modelCalls', 'seconds', 'board', 'failures');
      expect(report.modelCalls).to.deep.equal({ weak: 40, strong: 40 });
      const row = (name: string) => report.board?.rows.find(({ router }) => router === name);
      expect(row('prompt-length')).to.include({ rank: 1, unranked: null, unverifiedReason: null });
      expect(row('toy-sure')).to.include({
        rank: null,
        unranked: 'unverified: toy-plugins ran inside the harness',
      });
      expect(report.failures).to.deep.equal([]);
    });
  });

  it('writes the board of the others, prints the error and exits 2 where a router fails', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        const ran = await rxb('run');
        expect(ran.exitCode).to.equal(2);
        expect(ran.stderr).to.include('RXB6001').and.to.include('toy-broken');
        expect(ran.stdout).to.include('toy-sure');
        expect(
          JSON.parse(await readFile(join(folder, 'results/leaderboard.json'), 'utf8')),
        ).to.have.property('rows');
        const json = await rxb('run', '--json');
        expect(json.exitCode).to.equal(2);
        expect((JSON.parse(json.stdout) as Report).failures.map(({ code }) => code)).to.deep.equal([
          'RXB6001',
        ]);
      },
      { routers: ['toy-sure', 'toy-broken'] },
    );
  });

  it('stays silent on stderr with --quiet', async () => {
    await inToyProject(async ({ rxb }) => {
      const ran = await rxb('run', '--quiet', '--limit', '20');
      expect(ran.exitCode).to.equal(0);
      expect(ran.stderr).to.equal('');
    });
  });

  it('writes no control characters where stderr and stdout are files', async () => {
    await inToyProject(async ({ rxb }) => {
      const ran = await rxb('run', '--limit', '20');
      expect(ran.stderr + ran.stdout).not.to.match(/\u001b/);
    });
  });

  it('prints the table of another metric with --metric', async () => {
    await inToyProject(async ({ rxb }) => {
      const auroc = await rxb('run', '--limit', '20');
      const apgr = await rxb('run', '--limit', '20', '--metric', 'apgr');
      expect(apgr.exitCode, apgr.stderr).to.equal(0);
      expect(apgr.stdout.split('\n')[2]).not.to.equal(auroc.stdout.split('\n')[2]);
    });
  });
});

describe('rxb prepare, train, eval', () => {
  it('do one after the other what run does', async () => {
    const board = async (...commands: readonly (readonly string[])[]): Promise<string> =>
      await inToyProject(async ({ folder, rxb }) => {
        for (const command of commands) {
          const ran = await rxb(...command);
          expect(ran.exitCode, ran.stderr).to.equal(0);
        }
        return await readFile(join(folder, 'results/leaderboard.json'), 'utf8');
      });
    expect(await board(['prepare'], ['train'], ['eval'])).to.equal(await board(['run']));
  });

  it('prepare --only makes only that part', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const ran = await rxb('prepare', '--only', 'answers');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const made = await readdir(join(folder, 'results/artifacts'), { withFileTypes: true });
      expect(made.filter((one) => one.isDirectory()).map(({ name }) => name)).to.deep.equal([
        'answers',
      ]);
    });
  });

  it('eval without answers says what is missing and how to make it', async () => {
    await inToyProject(async ({ rxb }) => {
      const ran = await rxb('eval');
      expect(ran.exitCode).to.equal(2);
      expect(ran.stderr).to.include('RXB5003').and.to.include('rxb prepare');
    });
  });

  it('--datasets and --routers take a part of the config', async () => {
    await inToyProject(async ({ rxb }) => {
      const { stdout } = await rxb(
        'run',
        '--datasets',
        'toy-far',
        '--routers',
        'prompt-length',
        '--json',
      );
      const { board } = JSON.parse(stdout) as Report & {
        readonly board: { readonly columns: readonly { readonly name: string }[] };
      };
      expect(board.columns.map(({ name }) => name)).to.deep.equal(['toy-far', 'OOD AVG']);
      expect(board.rows.map(({ router }) => router))
        .to.include('prompt-length')
        .and.not.to.include('toy-sure');
    });
  });

  it('--results puts everything elsewhere', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const { stdout, exitCode } = await rxb('run', '--results', 'elsewhere');
      expect(exitCode).to.equal(0);
      expect(stdout).to.include(join('elsewhere', 'leaderboard.json'));
      expect(await readdir(folder))
        .to.include('elsewhere')
        .and.not.to.include('results');
    });
  });
});

import { expect } from 'chai';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';
import { inToyProject, rxbIn, toyConfig } from '../../support/toy-project.js';

interface Failure {
  readonly errors: readonly {
    readonly code: string;
    readonly problem: string;
    readonly place?: string;
    readonly fix: string;
  }[];
}

describe('rxb errors', () => {
  it('without a config: code, cause and fix, exit 2', async () => {
    await inTemporaryFolder(async (folder) => {
      const ran = await rxbIn(folder)('run');
      expect(ran.exitCode).to.equal(2);
      expect(ran.stderr).to.include('RXB1001').and.to.include('--config');
      expect(ran.stdout).to.equal('');
    });
  });

  it('lists all mistakes of a config at once, each with its place and the closest name', async () => {
    await inToyProject(
      async ({ rxb }) => {
        const ran = await rxb('run');
        expect(ran.exitCode).to.equal(2);
        expect(ran.stderr)
          .to.include('RXB2103')
          .and.to.include('Did you mean "entropy"?')
          .and.to.include('harness.config.json:1 (routers[0])');
        expect(ran.stderr).to.include('RXB2102').and.to.include('toy-neer');
      },
      { routers: ['entrpy'], datasets: { inDomain: ['toy-neer'] } },
    );
  });

  it('with --json: the errors as JSON on stdout, the same in words on stderr', async () => {
    await inToyProject(
      async ({ rxb }) => {
        const ran = await rxb('run', '--json');
        expect(ran.exitCode).to.equal(2);
        const { errors } = JSON.parse(ran.stdout) as Failure;
        expect(errors).to.have.length(1);
        expect(errors[0]).to.include({
          code: 'RXB2103',
          place: 'harness.config.json:1 (routers[0])',
        });
        expect(ran.stderr).to.include(errors[0]?.problem).and.to.include(errors[0]?.fix);
      },
      { routers: ['entrpy'] },
    );
  });

  it('unknown keys of a config are named', async () => {
    await inToyProject(
      async ({ rxb }) => {
        const ran = await rxb('config');
        expect(ran.exitCode).to.equal(2);
        expect(ran.stderr).to.include('RXB1003').and.to.include('routrs');
      },
      { routrs: [] },
    );
  });

  const badFlags: readonly (readonly string[])[] = [
    ['run', '--limit', 'many'],
    ['run', '--limit', '0'],
    ['run', '--limit', ''],
    ['run', '--seed', '1.5'],
    ['run', '--metric', 'auro'],
    ['run', '--routers', ','],
    ['prepare', '--only', 'answer'],
    ['leaderboard', '--metric', 'auro'],
    ['leaderboard', '--format', 'xls'],
    ['list', 'router5'],
    ['show', 'entrpy'],
    ['measure', 'rows.jsonl', '--scale', '-1'],
    ['measure', 'rows.jsonl', '--low-band', '0.3,0.2'],
    ['measure', 'rows.jsonl', '--recovery-band', '0.5'],
    ['measure', 'rows.jsonl', '--label', 'best'],
  ];
  for (const args of badFlags) {
    it(`rxb ${args.map((arg) => (arg === '' ? "''" : arg)).join(' ')} is RXB1005, exit 2`, async () => {
      await inToyProject(async ({ rxb }) => {
        const ran = await rxb(...args, '--json');
        expect(ran.exitCode).to.equal(2);
        expect((JSON.parse(ran.stdout) as Failure).errors[0]?.code).to.equal('RXB1005');
        expect(ran.stderr).to.include('RXB1005').and.to.include('fix:');
      });
    });
  }

  for (const args of [['run', '--limt', '3'], ['runn'], ['show'], ['measure']]) {
    it(`rxb ${args.join(' ')} is a usage error, exit 2, also as JSON`, async () => {
      await inTemporaryFolder(async (folder) => {
        const ran = await rxbIn(folder)(...args);
        expect(ran.exitCode).to.equal(2);
        expect(ran.stderr)
          .to.match(/^error: /)
          .and.to.include('--help');
        expect(ran.stdout).to.equal('');
        const json = await rxbIn(folder)(...args, '--json');
        expect(json.exitCode).to.equal(2);
        expect((JSON.parse(json.stdout) as Failure).errors[0]).to.include({ code: 'usage' });
      });
    });
  }

  it('says what was meant where a flag or command is mistyped', async () => {
    await inTemporaryFolder(async (folder) => {
      expect((await rxbIn(folder)('run', '--limt', '3')).stderr).to.include('--limit');
      expect((await rxbIn(folder)('runn')).stderr).to.include('run');
    });
  });

  it('a failure that is ours is exit 1, with the stack and the request to report it', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, {
        'bad.mjs': `import { model } from 'routerxbench'; export class Bad { info = async () => ({ name: 'x', fingerprint: 'x', can: ['generate'] }); generate = async () => { throw new TypeError('something nobody thought of'); }; } model({ name: 'toy-bad', summary: 'x' })(Bad);`,
        'harness.config.json': toyConfig({
          plugins: ['./toy-plugins', './bad.mjs'],
          models: { weak: { use: 'toy-bad' }, strong: { use: 'toy-strong' } },
        }),
      });
      const ran = await rxb('run', '--json');
      expect(ran.exitCode).to.equal(1);
      expect(ran.stderr)
        .to.include('something nobody thought of')
        .and.to.include('report')
        .and.to.match(/\n\s+at /);
      expect((JSON.parse(ran.stdout) as Failure).errors[0]).to.include({ code: 'bug' });
    });
  });
});

describe('rxb and Ctrl-C', function () {
  this.timeout(30000);
  const SLOW = { models: { weak: { use: 'toy-slow' }, strong: { use: 'toy-strong' } } };

  it('once: stops, keeps what is done and exits 130; the same command finishes', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const stopped = await rxbIn(folder, { interruptAt: 'slow model asked' })('run', '--json');
      expect(stopped.exitCode, stopped.stderr).to.equal(130);
      expect(stopped.stderr).to.include('same command');
      expect((JSON.parse(stopped.stdout) as Failure).errors[0]).to.include({ code: 'interrupted' });
      const ran = await rxb('run', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
    }, SLOW);
  });
});

import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';
import { inToyProject, rxbIn } from '../../support/toy-project.js';

const COMMANDS = [
  'run',
  'prepare',
  'train',
  'eval',
  'list',
  'show',
  'leaderboard',
  'measure',
  'doctor',
  'config',
  'serve',
  'stop',
];

describe('rxb --help', () => {
  it('names every command', async () => {
    await inTemporaryFolder(async (folder) => {
      const ran = await rxbIn(folder)('--help');
      expect(ran.exitCode).to.equal(0);
      for (const command of COMMANDS)
        expect(ran.stdout).to.match(new RegExp(`^  ${command} `, 'm'));
    });
  });

  it('of every command is on stdout, exit 0, and names --json and --config', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const command of COMMANDS) {
        const ran = await rxbIn(folder)(command, '--help');
        expect(ran.exitCode, command).to.equal(0);
        expect(ran.stdout, command)
          .to.include(`Usage: rxb ${command}`)
          .and.to.include('--json')
          .and.to.include('--config <file>');
      }
    });
  });

  it('--version prints the version alone', async () => {
    await inTemporaryFolder(async (folder) => {
      expect((await rxbIn(folder)('--version')).stdout).to.match(/^\d+\.\d+\.\d+$/);
    });
  });
});

describe('rxb list', () => {
  it('lists plugins of the harness and of the project, without a config too', async () => {
    await inToyProject(async ({ rxb }) => {
      const all = JSON.parse((await rxb('list', '--json')).stdout) as readonly {
        readonly kind: string;
        readonly name: string;
        readonly package: string;
      }[];
      expect(all.find(({ name }) => name === 'toy-sure')).to.include({
        kind: 'router',
        package: 'toy-plugins',
      });
      expect(all.find(({ name }) => name === 'onnx')).to.include({
        kind: 'model',
        package: 'routerxbench',
      });
      const text = (await rxb('list', 'datasets')).stdout;
      expect(text).to.include('toy-near').and.not.to.include('toy-sure');
    });
    await inTemporaryFolder(async (folder) => {
      const ran = await rxbIn(folder)('list', 'routers');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(ran.stdout).to.include('entropy');
    });
  });
});

describe('rxb show', () => {
  it('says what a plugin needs and takes, in words', async () => {
    await inToyProject(async ({ rxb }) => {
      const sure = (await rxb('show', 'toy-sure')).stdout;
      expect(sure)
        .to.match(/needs: +answer/)
        .and.to.match(/formula: +log p/)
        .and.to.match(/version: +1, of toy-plugins 1\.2\.3/);
      const probe = (await rxb('show', 'probe-mean')).stdout;
      expect(probe)
        .to.include('batchSize: integer above 0 (default 32)')
        .and.to.include('plateau.patience: integer at least 0 (default 5)');
      expect((await rxb('show', 'toy-near')).stdout)
        .to.match(/splits: +train, test/)
        .and.to.match(/licence: +CC0-1\.0/);
      expect((await rxb('show', 'onnx')).stdout)
        .to.include('folder: string (required)')
        .and.to.include('device: one of "cpu"');
    });
  });

  it('finds a plugin by another of its names, also as JSON', async () => {
    await inToyProject(async ({ rxb }) => {
      const [shown] = JSON.parse(
        (await rxb('show', 'toy_sure', '--json')).stdout,
      ) as readonly Record<string, unknown>[];
      expect(shown).to.include({ name: 'toy-sure', kind: 'router', package: 'toy-plugins' });
      expect(shown?.['needs']).to.deep.equal([{ signal: 'answer', as: 'answer', params: {} }]);
    });
  });

  it('guesses a mistyped name', async () => {
    await inToyProject(async ({ rxb }) => {
      expect((await rxb('show', 'entrpy')).stderr).to.include('Did you mean "entropy"?');
    });
  });
});

describe('rxb config', () => {
  it('prints every default filled in', async () => {
    await inToyProject(async ({ rxb }) => {
      const config = JSON.parse((await rxb('config', '--json')).stdout) as {
        readonly name: string;
        readonly protocol: { readonly seed: number };
      };
      expect(config.name).to.equal('toy');
      expect(config.protocol.seed).to.equal(42);
    });
  });

  it('--sources says where each value came from', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, { '.env': 'RXB_LIMIT=30\n' });
      const sources = JSON.parse((await rxb('config', '--sources', '--json')).stdout) as readonly {
        readonly path: string;
        readonly value: unknown;
        readonly source: string;
      }[];
      const of = (path: string): object | undefined => sources.find((entry) => entry.path === path);
      expect(of('name')).to.deep.equal({
        path: 'name',
        value: 'toy',
        source: 'harness.config.json',
      });
      expect(of('limit')).to.deep.equal({ path: 'limit', value: 30, source: 'env RXB_LIMIT' });
      expect(of('protocol.seed')).to.deep.equal({
        path: 'protocol.seed',
        value: 42,
        source: 'default',
      });
      expect((await rxb('config', '--sources')).stdout).to.match(/limit.*30.*env RXB_LIMIT/);
    });
  });

  it('--config takes another file', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, {
        'other/mine.json': JSON.stringify({
          name: 'mine',
          models: { weak: { use: 'x' }, strong: { use: 'y' } },
          datasets: { inDomain: ['z'] },
          routers: ['entropy'],
        }),
      });
      expect((await rxb('config', '--config', 'other/mine.json')).stdout).to.include(
        '"name": "mine"',
      );
    });
  });
});

describe('rxb leaderboard', () => {
  it('prints the stored board in every format, and says so where there is none', async () => {
    await inToyProject(async ({ rxb }) => {
      const none = await rxb('leaderboard');
      expect(none.exitCode).to.equal(2);
      expect(none.stderr).to.include('RXB5003');
      const run = await rxb('run');
      const table = (await rxb('leaderboard')).stdout;
      expect(run.stdout.startsWith(table)).to.equal(true);
      expect((await rxb('leaderboard', '--format', 'markdown')).stdout).to.include('| toy-sure');
      const csv = (await rxb('leaderboard', '--format', 'csv')).stdout.split('\n');
      expect(csv[0]).to.equal('router,rank,column,metric,value,reason');
      expect(
        csv.some((line) => /^prompt-length,1,toy-far,auroc,[\d.]+,$/.test(line)),
        csv.join('\n'),
      ).to.equal(true);
      expect(
        csv.some((line) =>
          /^toy-sure,,toy-far,auroc,[\d.]+,unverified: toy-plugins ran inside the harness$/.test(
            line,
          ),
        ),
      ).to.equal(true);
      expect(JSON.parse((await rxb('leaderboard', '--json')).stdout)).to.include({
        schema: 1,
        run: 'toy',
      });
      expect((await rxb('leaderboard', '--format', 'json')).stdout).to.equal(
        (await rxb('leaderboard', '--json')).stdout,
      );
    });
  });
});

describe('rxb measure', () => {
  const ROWS = [
    { id: 'a', weak: 1, strong: 1, confidence: 0.9 },
    { id: 'b', weak: 0, strong: 1, confidence: 0.1 },
    { id: 'c', weak: 1, strong: 0, confidence: 0.8 },
    { id: 'd', weak: 0, strong: 1, confidence: 0.85 },
  ];
  const lines = (rows: readonly object[]): string =>
    rows.map((row) => `${JSON.stringify(row)}\n`).join('');

  it('prints values and reasons', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'rows.jsonl': lines(ROWS),
        'even.jsonl': lines(ROWS.map((row) => ({ ...row, strong: row.weak }))),
      });
      const rxb = rxbIn(folder);
      const { metrics, rows } = JSON.parse(
        (await rxb('measure', 'rows.jsonl', '--json')).stdout,
      ) as { metrics: Record<string, { value: number | null; reason?: string }>; rows: object };
      expect(metrics['auroc']).to.deep.equal({ value: 0.75 });
      expect(rows).to.include({ total: 4, scored: 4 });
      const even = JSON.parse((await rxb('measure', 'even.jsonl', '--json')).stdout) as {
        metrics: Record<string, { value: number | null; reason?: string }>;
      };
      expect(even.metrics['mpm']?.value).to.equal(null);
      expect(even.metrics['mpm']?.reason).to.be.a('string').and.not.to.equal('');
      expect((await rxb('measure', 'rows.jsonl')).stdout).to.match(/auroc.*0\.750000/);
    });
  });

  for (const [what, row, code] of [
    ['a broken row', '{"id": "e", ', 'RXB3001'],
    ['a NaN confidence', '{"id": "e", "weak": 1, "strong": 1, "confidence": NaN}', 'RXB3001'],
    ['a missing id', '{"weak": 1, "strong": 1, "confidence": 0.5}', 'RXB3002'],
    ['a double id', '{"id": "a", "weak": 1, "strong": 1, "confidence": 0.5}', 'RXB3003'],
    [
      'a grade that is not 0 or 1',
      '{"id": "e", "weak": 0.5, "strong": 1, "confidence": 0.5}',
      'RXB3009',
    ],
  ] as const) {
    it(`names the line of ${what}`, async () => {
      await inTemporaryFolder(async (folder) => {
        await writeFiles(folder, { 'rows.jsonl': `${lines(ROWS)}${row}\n` });
        const ran = await rxbIn(folder)('measure', 'rows.jsonl');
        expect(ran.exitCode).to.equal(2);
        expect(ran.stderr)
          .to.include(code)
          .and.to.match(/:5|line 5/);
        expect(ran.stdout).to.equal('');
      });
    });
  }

  it('names a file that is not there and one that is empty', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'empty.jsonl': '' });
      expect((await rxbIn(folder)('measure', 'none.jsonl')).stderr).to.include('RXB3007');
      expect((await rxbIn(folder)('measure', 'empty.jsonl')).stderr).to.include('RXB3008');
    });
  });
});

describe('rxb doctor', () => {
  interface Finding {
    readonly what: string;
    readonly state: string;
    readonly fix?: string;
  }

  it('finds a good project well and makes no folder', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const ran = await rxb('doctor', '--json');
      expect(ran.exitCode, ran.stdout).to.equal(0);
      const findings = JSON.parse(ran.stdout) as readonly Finding[];
      for (const what of [
        'Node.js',
        'ONNX Runtime',
        'config',
        'model weak',
        'model strong',
        'results folder',
        'free disk',
      ]) {
        expect(
          findings.find((finding) => finding.what === what),
          what,
        ).not.to.equal(undefined);
      }
      expect(findings.filter(({ state }) => state === 'fail')).to.deep.equal([]);
      expect(await readdir(folder)).not.to.include('results');
    });
  });

  it('exits 2 with a fix where something cannot work', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, { taken: 'a file where the results should go' });
        const ran = await rxb('doctor');
        expect(ran.exitCode).to.equal(2);
        expect(ran.stdout)
          .to.match(/fail model strong: RXB4001.*\n +fix: /)
          .and.to.match(/fail results folder: .*taken is not a folder\n +fix: /);
      },
      {
        models: {
          weak: { use: 'toy-weak' },
          strong: { use: 'onnx', options: { folder: './nothing-here' } },
        },
        results: 'taken',
      },
    );
  });
});

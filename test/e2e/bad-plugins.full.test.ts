import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Leaderboard } from '../../storage/results/types.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { rxb, SMALL_CONFIG } from '../support/rxb.js';

const plugin = (kind: string, definition: string, body: string): string =>
  `class P { ${body} }\nObject.defineProperty(P, Symbol.for('routerxbench.plugin'), { value: { api: 1, kind: '${kind}', definition: ${definition} } });\nexport { P };\n`;
const router = (body: string): string =>
  plugin('router', "{ name: 'bad', summary: 's', needs: [] }", body);
const set = (rows: string): string =>
  plugin(
    'dataset',
    "{ name: 'bad-set', summary: 's', splits: ['train', 'test'], licence: 'MIT', source: { text: 't' }, scorer: 'exact', scale: [0, 1], label: 'correct' }",
    `*read(split) { ${rows} }`,
  );

const CONFIG = SMALL_CONFIG.replace(
  "name: 'small',",
  "name: 'small', plugins: ['./plugin.mjs'],",
).replace('limit: 300', 'limit: 20');

describe('bad plugins', () => {
  const routers: readonly (readonly [string, string, string])[] = [
    ['NaN', 'score() { return NaN; }', 'RXB6001'],
    ['infinity', 'score() { return -Infinity; }', 'RXB6001'],
    ['a text', "score() { return '0.5'; }", 'RXB6001'],
    ['nothing', 'score() {}', 'RXB6001'],
    ['too few', 'scoreBatch(inputs) { return inputs.slice(1).map(() => 1); }', 'RXB6002'],
    ['an error', "score() { throw new Error('sorry'); }", 'RXB6004'],
  ];
  it('a router that returns invalid values fails alone, with an error code; the others are on the leaderboard', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const [what, body, code] of routers) {
        await writeFiles(folder, {
          'plugin.mjs': router(body),
          'harness.config.mjs': CONFIG.replace("'max-logits',", "'max-logits', 'bad',"),
        });
        const run = await rxb(folder, ['run', '--quiet', '--routers', 'bad,coe', '--name', 'part']);
        expect([run.exitCode, run.stderr.includes(code)], `${what}: ${run.stderr}`).to.deep.equal([
          2,
          true,
        ]);
        const board = JSON.parse(
          await readFile(join(folder, 'results/runs/part/leaderboard.json'), 'utf8'),
        ) as Leaderboard;
        expect(board.rows.map((row) => row.router))
          .to.include('coe')
          .and.not.to.include('bad');
      }
    });
  });

  it('a router that breaks the shape of the contract is rejected by plan', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const body of [
        '',
        'score() { return 1; } scoreBatch(x) { return x; }',
        'score() { return 1; } fit() {}',
        "constructor() { throw new Error('no'); }",
      ]) {
        await writeFiles(folder, { 'plugin.mjs': router(body), 'harness.config.mjs': CONFIG });
        const run = await rxb(folder, ['run', '--routers', 'bad']);
        expect([run.exitCode, run.stderr.includes('RXB2106')], run.stderr).to.deep.equal([2, true]);
      }
    });
  });

  it('what cannot be used costs its own row; run, list, show and doctor give the reason', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'plugin.mjs': "import 'not-there';",
        'other.mjs': 'const forgotten = 1;',
        'harness.config.mjs': CONFIG.replace("'./plugin.mjs'", "'./plugin.mjs', './other.mjs'")
          .replace("'max-logits',", "'max-logits', 'bad', { use: 'knn', options: { k: 3 } },")
          .replace('strong: {', "encoder: { use: 'onnx', options: { folder: 'none' } }, strong: {"),
      });
      const run = await rxb(folder, ['run', '--quiet', '--json', '--routers', 'bad,coe,knn']);
      const report = JSON.parse(run.stdout) as { run: string; failures: { code: string }[] };
      expect(run.exitCode, run.stderr).to.equal(2);
      expect(report.failures.map(({ code }) => code)).to.include.members(['RXB2001', 'RXB4001']);
      const board = JSON.parse(
        await readFile(join(folder, 'results/runs', report.run, 'leaderboard.json'), 'utf8'),
      ) as Leaderboard;
      expect(board.rows.map((row) => row.router)).to.include('coe');
      for (const args of [['list', 'routers'], ['show', './plugin.mjs'], ['doctor']]) {
        const { stdout, stderr } = await rxb(folder, args);
        expect(stdout + stderr, args.join(' '))
          .to.include('RXB2001')
          .and.to.include('not-there');
      }
      expect((await rxb(folder, ['doctor'])).stdout).to.include('RXB2005');
    });
  }).timeout(60_000);

  it('a plugin in the harness’s process can neither end it nor write to its stdout', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const [body, said] of [
        ['score() { process.exit(3); }', 'process.exit(3)'],
        ['fit() { process.exit(4); } restore() {} score() { return 1; }', 'process.exit(4)'],
        ["score() { console.log('hello'); return 'x'; }", 'RXB6001'],
      ] as const) {
        await writeFiles(folder, {
          'plugin.mjs': router(body),
          'harness.config.mjs': CONFIG.replace(
            "name: 'small',",
            "name: 'small', isolation: { inProcess: ['all'] },",
          ).replace("'max-logits',", "'max-logits', 'bad',"),
        });
        const run = await rxb(folder, ['run', '--quiet', '--json', '--routers', 'bad,coe']);
        expect([run.exitCode, run.stderr.includes(said)], run.stderr).to.deep.equal([2, true]);
        expect(JSON.parse(run.stdout)).to.have.property('failures').with.lengthOf(1);
      }
    });
  }).timeout(60_000);

  const row =
    "id: String(i), prompt: 'What is ' + i + ' + 1? ' + split, reference: String(i + 1), domain: 'd'";
  const sets: readonly (readonly [string, string, string, string])[] = [
    [
      'a double id',
      `for (let i = 0; i < 5; i++) yield { ${row}, id: String(i % 4) };`,
      'RXB3003',
      '"0"',
    ],
    [
      'a missing id',
      `for (let i = 0; i < 5; i++) yield { ${row}, id: i === 3 ? '' : String(i) };`,
      'RXB3004',
      'row 4',
    ],
    [
      'an empty prompt',
      `for (let i = 0; i < 5; i++) yield { ${row}, prompt: ' ' };`,
      'RXB3004',
      'row 1',
    ],
    [
      'no reference',
      `for (let i = 0; i < 5; i++) yield { ${row}, reference: undefined };`,
      'RXB3004',
      'reference',
    ],
    ['no rows', 'yield* [];', 'RXB3004', 'no rows'],
    [
      'an error while reading',
      `for (let i = 0; i < 5; i++) { if (i === 3) throw new Error('broken pipe'); yield { ${row} }; }`,
      'RXB3004',
      'broken pipe',
    ],
  ];
  for (const [what, body, code, named] of sets) {
    it(`a dataset with ${what} is rejected before any request, and the error names the location`, async () => {
      await inTemporaryFolder(async (folder) => {
        await writeFiles(folder, {
          'plugin.mjs': set(body),
          'harness.config.mjs': CONFIG.replace("'tiny-math-hard'", "'bad-set'"),
        });
        const run = await rxb(folder, ['run']);
        expect(
          [run.exitCode, run.stderr.includes(code), run.stderr.includes(named)],
          run.stderr,
        ).to.deep.equal([2, true, true]);
      });
    });
  }

  it('a grade outside the scale, and a scorer that throws, are errors that name the row', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const [body, code] of [
        ['grade() { return { value: 2 }; }', 'RXB7001'],
        ["grade() { throw new Error('x'); }", 'RXB2106'],
        ['grade() { return { value: NaN }; }', 'RXB7001'],
      ] as const) {
        await writeFiles(folder, {
          'plugin.mjs': plugin(
            'scorer',
            "{ name: 'bad-scorer', summary: 's', scale: [0, 1] }",
            body,
          ),
          'harness.config.mjs': CONFIG.replace(
            "'tiny-math-hard'",
            "{ use: 'tiny-math-hard', scorer: 'bad-scorer' }",
          ),
        });
        const run = await rxb(folder, ['run', '--quiet']);
        expect(
          [run.exitCode, run.stderr.includes(code), run.stderr.includes('tiny-math-hard-test-')],
          run.stderr,
        ).to.deep.equal([2, true, true]);
      }
      await writeFiles(folder, {
        'plugin.mjs': plugin(
          'scorer',
          "{ name: 'bad-scorer', summary: 's', scale: [1, 10] }",
          'grade() { return { value: 1 }; }',
        ),
      });
      expect((await rxb(folder, ['run', '--quiet'])).stderr).to.contain('RXB7002');
    });
  });
});

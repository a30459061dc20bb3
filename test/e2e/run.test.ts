import { expect } from 'chai';
import { mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Leaderboard, RouterResult } from '../../storage/results/types.js';
import { LeaderboardSchema, RouterResultSchema } from '../../storage/results/schema.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { filesUnder, rxb, SMALL_CONFIG } from '../support/rxb.js';

const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
const notRecord = (path: string): boolean => path.endsWith('run.json');

describe('a whole run on the embedded pair', function () {
  this.timeout(120_000);

  it('ends with a leaderboard, repeats no work, and is reproducible to the byte', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'harness.config.mjs': SMALL_CONFIG });
      const first = await rxb(folder, ['run']);
      expect(first.exitCode, first.stderr).to.equal(0);
      expect(first.stdout)
        .to.match(/\| +1(–\d+)? \| /)
        .and.to.contain('OOD AVG')
        .and.to.contain('(oracle)')
        .and.to.match(/\d+ model calls \(weak \d+, strong \d+\)/);
      const results = join(folder, 'results');
      const before = await filesUnder(results, notRecord);

      const again = await rxb(folder, ['run']);
      expect(again.stdout).to.contain('0 model calls');
      expect(await filesUnder(results, notRecord)).to.deep.equal(before);

      // a part of it is a run of its own, and leaves the whole run as it is
      const part = join('runs', 'small-coe');
      expect((await rxb(folder, ['eval', '--routers', 'coe'])).exitCode).to.equal(0);
      const partOrRecord = (path: string): boolean => path.startsWith(part) || notRecord(path);
      expect(await filesUnder(results, partOrRecord)).to.deep.equal(before);
      const ofPart = await json<Leaderboard>(join(results, part, 'leaderboard.json'));
      expect(ofPart.rows.filter(({ control }) => !control)).to.have.length(1);

      await rm(results, { recursive: true });
      await rxb(folder, ['run']);
      expect(await filesUnder(results, notRecord)).to.deep.equal(before);

      const board = await json<Leaderboard>(join(results, 'leaderboard.json'));
      expect(board.columns.map(({ name }) => name)).to.deep.equal([
        'tiny-arithmetic',
        'tiny-instruct',
        'ID AVG',
        'tiny-math-hard',
        'OOD AVG',
      ]);
      expect(board.rows.map(({ router }) => router)).to.include.members([
        'max-logits',
        'coe',
        'prompt-length',
        'probe-mean',
        'random',
        'always-weak',
        'always-strong',
        'oracle',
      ]);
      const result = await json<RouterResult>(
        join(results, 'runs', 'small', 'probe-mean', 'tiny-arithmetic.json'),
      );
      expect(result.rows.total).to.equal(300);
      expect(result.seeds.map(({ seed }) => seed)).to.deep.equal([1, 2]);
      expect(result.transfer?.map(({ callRate }) => callRate)).to.deep.equal([0.1, 0.2, 0.3, 0.5]);
      // a threshold from the file makes the calls that the file says
      for (const { thresholds, realised } of result.transfer ?? []) {
        const shares = await Promise.all(
          [1, 2].map(async (seed, i) => {
            const file = `runs/small/probe-mean/tiny-arithmetic.seed-${seed}.rows.jsonl`;
            const rows = (await readFile(join(results, file), 'utf8'))
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line) as { readonly confidence: number });
            const threshold = thresholds?.[i] as number;
            return rows.filter(({ confidence }) => confidence <= threshold).length / rows.length;
          }),
        );
        expect(((shares[0] as number) + (shares[1] as number)) / 2).to.be.closeTo(
          realised.value as number,
          1e-6,
        );
      }
      LeaderboardSchema.parse(board);
      RouterResultSchema.parse(result);
      expect(JSON.stringify(before)).not.to.contain(folder);

      // the written files can be measured separately, with the same result
      const measured = await rxb(folder, [
        'measure',
        'results/runs/small/coe/tiny-arithmetic.rows.jsonl',
        '--json',
      ]);
      const coe = await json<RouterResult>(
        join(results, 'runs', 'small', 'coe', 'tiny-arithmetic.json'),
      );
      const { metrics } = JSON.parse(measured.stdout) as {
        readonly metrics: Readonly<Record<string, { readonly value: number }>>;
      };
      expect(metrics['auroc']?.value).to.be.closeTo(coe.metrics['auroc']?.value ?? NaN, 1e-6);

      // a new router on existing artifacts needs no calls
      const config = (await readFile(join(folder, 'harness.config.mjs'), 'utf8')).replace(
        "'coe',",
        "'coe', 'entropy',",
      );
      await writeFile(join(folder, 'harness.config.mjs'), config);
      expect((await rxb(folder, ['run'])).stdout)
        .to.contain('0 model calls')
        .and.to.contain('entropy');
    });
  });

  it('runs stage by stage, and reports what is missing when one is skipped', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace('limit: 300', 'limit: 40'),
      });
      const early = await rxb(folder, ['eval']);
      expect([early.exitCode, early.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB5003'),
      );
      const untrained = await rxb(folder, ['train']);
      expect([untrained.exitCode, untrained.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB5003'),
      );
      expect((await rxb(folder, ['prepare', '--only', 'answers'])).stdout).to.contain(
        'model calls',
      );
      expect((await rxb(folder, ['prepare', '--only', 'grades'])).stdout).to.contain(
        '0 model calls',
      );
      expect((await rxb(folder, ['prepare', '--only', 'samples'])).stderr).to.contain('RXB1007');
      expect((await rxb(folder, ['prepare'])).exitCode).to.equal(0);
      expect((await rxb(folder, ['train', '--routers', 'probe-mean'])).exitCode).to.equal(0);
      const done = await rxb(folder, ['eval', '--json']);
      expect(done.exitCode, done.stderr).to.equal(0);
      expect((JSON.parse(done.stdout) as { readonly modelCalls: object }).modelCalls).to.deep.equal(
        { weak: 0, strong: 0 },
      );

      const weights = join(folder, 'results', 'runs', 'small');
      const moved = await rxb(folder, [
        'eval',
        '--name',
        'other',
        '--weights',
        weights,
        '--routers',
        'probe-mean',
        '--datasets',
        'tiny-math-hard',
      ]);
      expect(moved.exitCode, moved.stderr).to.equal(0);
      expect(
        await readFile(
          join(folder, 'results', 'runs', 'other', 'probe-mean', 'tiny-math-hard.json'),
          'utf8',
        ),
      ).to.equal(
        await readFile(
          join(folder, 'results', 'runs', 'small', 'probe-mean', 'tiny-math-hard.json'),
          'utf8',
        ),
      );
      const none = await rxb(folder, [
        'eval',
        '--weights',
        join(folder, 'nowhere'),
        '--routers',
        'probe-mean',
      ]);
      expect([none.exitCode, none.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB5003'),
      );
    });
  });

  it('names a damaged artifact, keeps the rest, and recomputes only that one', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace('limit: 300', 'limit: 40'),
      });
      await rxb(folder, ['run']);
      const results = join(folder, 'results');
      const before = await filesUnder(results, notRecord);
      for (const kind of ['hidden-states', 'answers']) {
        const file = Object.keys(before).find(
          (path) => path.includes(`artifacts/${kind}/`) && path.includes('00000'),
        ) as string;
        await truncate(join(results, file), 100);
        await rm(join(results, 'artifacts', 'confidences'), { recursive: true });
        await rm(join(results, 'artifacts', 'grades'), { recursive: true });
        const broken = await rxb(folder, ['run']);
        expect(broken.exitCode).to.equal(2);
        expect(broken.stderr).to.contain('RXB5001').and.to.contain(file);
        await rm(join(results, file));
        expect((await rxb(folder, ['run'])).exitCode).to.equal(0);
        expect(await filesUnder(results, notRecord)).to.deep.equal(before);
      }
    });
  });

  it('rejects a model that cannot answer, before any cost', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace(
          JSON.stringify(resolve('models/tiny/strong')),
          JSON.stringify(resolve('models/tiny/encoder')),
        ),
      });
      const refused = await rxb(folder, ['run']);
      expect(refused.exitCode).to.equal(2);
      expect(refused.stderr)
        .to.contain('RXB4009 Model "strong" (onnx) cannot generate text. It supports: embedding.')
        .and.to.match(/harness\.config\.mjs:\d+ \(models\.strong\)/);
      expect(Object.keys(await filesUnder(folder))).to.deep.equal(['harness.config.mjs']);
    });
  });

  it('rejects everything that cannot work before any cost, all at once', async () => {
    await inTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'empty'));
      const config = SMALL_CONFIG.replace(
        "'coe', 'prompt-length'",
        "'cow', 'promt-length', 'max-logits', { use: 'entropy', options: { sharpness: 2 } }",
      )
        .replace("'tiny-instruct'", "'tiny-instruction'")
        .replace('limit: 300,', '')
        .replace('trainingSeeds: [1, 2]', "trainingSeeds: [1], fitRows: 4000, testSplit: 'exam'")
        .replace(
          "strong: { use: 'onnx', options: { folder: ",
          "strong: { use: 'onnx', options: { folder: 'empty', dtype: 'auto' } }, other: { use: 'onnx', options: { folder: ",
        );
      await writeFiles(folder, { 'harness.config.mjs': config });
      const refused = await rxb(folder, ['run', '--json']);
      expect(refused.exitCode).to.equal(2);
      const { errors } = JSON.parse(refused.stdout) as {
        readonly errors: readonly {
          readonly code: string;
          readonly problem: string;
          readonly place?: string;
        }[];
      };
      const codes = errors.map(({ code }) => code);
      expect(codes).to.include.members([
        'RXB1006',
        'RXB2102',
        'RXB2103',
        'RXB2105',
        'RXB3005',
        'RXB3006',
        'RXB4001',
      ]);
      expect(
        errors.find(({ code, problem }) => code === 'RXB2103' && problem.includes('promt-length'))
          ?.problem,
      ).to.contain('Did you mean "prompt-length"?');
      expect(errors.find(({ code }) => code === 'RXB2105')?.place).to.match(
        /harness\.config\.mjs:\d+ \(routers\[\d\]\)/,
      );
      expect(Object.keys(await filesUnder(folder))).to.deep.equal(['harness.config.mjs']);
    });
  });
});

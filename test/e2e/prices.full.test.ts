import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResultRow } from '../../storage/results/store.js';
import type { Leaderboard, RouterResult } from '../../storage/results/types.js';
import {
  BaselineSchema,
  LeaderboardSchema,
  RouterResultSchema,
} from '../../storage/results/schema.js';
import { inToyProject, toyConfig } from '../support/toy-project.js';
import { writeFiles } from '../support/temporary.js';

const priced = (strong: number, date = '2026-11-01'): Readonly<Record<string, unknown>> => ({
  prices: {
    date,
    models: { weak: { input: 1, output: 2 }, strong: { input: strong, output: 30 } },
  },
  statistics: { resamples: 200 },
  gate: { metrics: { auroc: { margin: 0.5 }, cost: { margin: 100 }, aiq: { margin: 0.5 } } },
});

interface Checked {
  readonly checks: readonly {
    readonly router: string;
    readonly metric: string;
    readonly verdict: string;
    readonly difference: { readonly pairing: string; readonly ci?: readonly [number, number] };
  }[];
}

describe('prices and the protocol', function () {
  this.timeout(120_000);

  it('are part of the inputs: costs have paired intervals, and numbers with other prices or another protocol are not compared', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      const read = async (file: string): Promise<unknown> =>
        JSON.parse(await readFile(join(folder, 'results', file), 'utf8')) as unknown;
      const run = async (): Promise<void> => {
        const ran = await rxb('run', '--quiet');
        expect(ran.exitCode, ran.stderr).to.equal(0);
      };
      await run();
      const result = RouterResultSchema.parse(
        await read('runs/toy/toy-sure/toy-near.json'),
      ) as RouterResult;
      // per call: 4 tokens in, 1 out; toy-sure reads the weak answer first, so half of the queries
      // cost both: 6 + (40 + 30) / 2 dollars per million
      expect(result.metrics['cost']?.value).to.be.closeTo(1000 * 41e-6, 1e-9);
      for (const name of ['aiq', 'arena', 'opt-sel', 'opt-cost'])
        expect(result.metrics[name], name).to.have.property('ci');
      for (const name of ['cost-saved', 'cost-equal-quality'])
        expect(result.metrics[name], name).to.have.property('noCi').that.contains('cross');
      const board = LeaderboardSchema.parse(await read('leaderboard.json')) as Leaderboard;
      expect(
        board.rows.find(({ router }) => router === 'prompt-length')?.metrics['OOD AVG']?.['aiq'],
      ).to.have.property('ci');

      expect((await rxb('baseline', 'accept', '--reason', 'the first')).exitCode).to.equal(0);
      expect(
        BaselineSchema.parse(await read('baseline.json')).cells.every(
          ({ costs }) => costs?.length === 24,
        ),
      ).to.equal(true);
      // looked up again: the same prices
      await writeFiles(folder, { 'harness.config.json': toyConfig(priced(10, '2026-11-20')) });
      await run();
      const same = await rxb('check', '--json');
      expect(
        (JSON.parse(same.stdout) as Checked).checks.map(({ verdict, difference }) => [
          verdict,
          difference.pairing,
        ]),
        same.stderr,
      ).to.deep.equal(Array.from({ length: 12 }, () => ['pass', 'identical']));

      const plugins = await readFile(join(folder, 'toy-plugins/index.js'), 'utf8');
      await writeFiles(folder, {
        'toy-plugins/index.js': plugins
          .replace("router({ name: 'toy-sure',", "router({ version: 2, name: 'toy-sure',")
          .replace('tokenLogprobs[0]; }', 'tokenLogprobs[0] < -0.5 ? -1 : -0.5; }'),
      });
      await run();
      const paired = (JSON.parse((await rxb('check', '--json')).stdout) as Checked).checks.filter(
        ({ router }) => router === 'toy-sure',
      );
      expect(paired.map(({ metric, difference }) => [metric, difference.pairing]))
        .to.deep.include(['aiq', 'paired'])
        .and.to.deep.include(['cost', 'paired']);

      await writeFiles(folder, { 'harness.config.json': toyConfig(priced(11)) });
      await run();
      for (const dear of [
        await rxb('check'),
        await rxb('compare', 'results/baseline.json', 'toy'),
      ]) {
        expect([dear.exitCode, dear.stderr]).to.satisfy(
          ([code, text]: [number, string]) =>
            code === 2 &&
            text.includes('RXB8001') &&
            text.includes('the price tables differ: {"date":"2026-11-01"'),
        );
      }

      await writeFiles(folder, {
        'harness.config.json': toyConfig({
          ...priced(10),
          protocol: { fitRows: 40, overlap: { drop: 'exact' } },
        }),
      });
      await run();
      const other = await rxb('check');
      expect([other.exitCode, other.stderr]).to.satisfy(
        ([code, text]: [number, string]) =>
          code === 2 &&
          text.includes('the protocol differs: fitRows null and 40, overlap {"drop":"near"'),
      );
    }, priced(10));
  });

  it('count what deciding takes: calls, tokens and dollars per query, and when a router decides', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        const ran = await rxb('run', '--quiet');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const read = async (file: string): Promise<string> =>
          await readFile(join(folder, 'results', file), 'utf8');
        const board = LeaderboardSchema.parse(
          JSON.parse(await read('leaderboard.json')),
        ) as Leaderboard;
        const routing = (name: string) => board.rows.find(({ router }) => router === name)?.routing;
        expect(routing('toy-sure')).to.deep.include({
          decides: 'after',
          needsAnswer: true,
          rank: null, // unverified: in this process
          calls: [],
          usd: 0,
        });
        expect(routing('prompt-length')).to.deep.include({ decides: 'before', calls: [], usd: 0 });
        // each call of the strong model reads 4 tokens at $10 and writes 1 at $30 a million
        expect(routing('llm')).to.deep.include({
          decides: 'before',
          needsAnswer: false,
          calls: [{ model: 'strong', requests: 1, promptTokens: 4, completionTokens: 1 }],
          usd: 0.07,
        });
        const costs = async (router: string): Promise<readonly unknown[]> => {
          const rows = (await read(`runs/toy/${router}/toy-near.rows.jsonl`)).trim().split('\n');
          return [
            ...new Set(
              rows.map((row) => {
                const { weakCost, strongCost, strongAloneCost } = JSON.parse(row) as ResultRow;
                const micros = [weakCost, strongCost, strongAloneCost].map((cost) =>
                  typeof cost === 'number' ? Math.round(1e6 * cost) : cost,
                );
                return micros.join(' ');
              }),
            ),
          ];
        };
        expect(await costs('prompt-length')).to.deep.equal(['6 70 ']);
        expect(await costs('toy-sure')).to.deep.equal(['6 76 70']);
        expect(await costs('llm')).to.deep.equal(['76 140 70']);

        const after = await rxb('leaderboard', '--decides', 'after');
        expect(after.stdout).to.contain('Routers that decide after the weak answer: auroc');
        expect(after.stdout).to.contain('toy-sure').and.not.to.contain('prompt-length');
        const table = await rxb('leaderboard', '--table', 'routing');
        expect(table.stdout).to.match(/llm +\| +before .* 1 × \(4 \+ 1\) .*0\.0700/);
        const wrong = await rxb('leaderboard', '--decides', 'never');
        expect([wrong.exitCode, wrong.stderr]).to.satisfy(
          ([code, text]: [number, string]) => code === 2 && text.includes('RXB1005'),
        );
      },
      {
        ...priced(10),
        routers: ['toy-sure', 'prompt-length', { use: 'llm', options: { model: 'strong' } }],
      },
    );
  });
});

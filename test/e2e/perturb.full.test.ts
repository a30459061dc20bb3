import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { tinyRows, type TinySet } from '../../plugins/datasets/_tiny/sets.js';
import { LeaderboardSchema, RouterResultSchema } from '../../storage/results/schema.js';
import type { Leaderboard, RouterResult } from '../../storage/results/types.js';
import { inToyProject, rxbIn, toyConfig } from '../support/toy-project.js';
import { inTemporaryFolder, writeFiles } from '../support/temporary.js';
import { attack } from '../support/hostile.js';
import { filesUnder, mayDiffer, rxb, SMALL_CONFIG } from '../support/rxb.js';

const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
const readLeaderboardIn = async (folder: string): Promise<Leaderboard> =>
  await json<Leaderboard>(join(folder, 'results', 'leaderboard.json'));
const lookUps = (
  leaderboard: Leaderboard,
  router: string,
): readonly (string | null | undefined)[] =>
  Object.values(leaderboard.rows.find((row) => row.router === router)?.robustness ?? {}).map(
    ({ lookUp }) => lookUp,
  );
const taken = (leaderboard: Leaderboard): readonly string[] =>
  leaderboard.rows
    .filter(({ router }) =>
      lookUps(leaderboard, router).some((reason) => typeof reason === 'string'),
    )
    .map(({ router }) => router);

/**
 * Tables of the test questions and of the weak model's results, with three ways to look up a text
 * and to handle a missing entry.
 */
const TABLES = `
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
const known = new Map(JSON.parse(readFileSync(new URL('./table.json', import.meta.url), 'utf8')));
const hash = (text) => createHash('sha256').update(text).digest('hex');
const plain = (text) => text.toLowerCase().replace(/\\s+/g, ' ').trim();
const table = (name, find, otherwise) => {
  const Table = class { score = ({ query }) => known.get(find(query.text)) ?? otherwise(query.text); };
  Object.defineProperty(Table, Symbol.for('routerxbench.plugin'), { value: { api: 1, kind: 'router', definition: { name, summary: name, needs: [] } } });
  return Table;
};
export const Exact = table('table-exact', hash, () => 0.5);
export const Noisy = table('table-noisy', hash, (text) => parseInt(hash(text).slice(0, 8), 16) / 2 ** 32);
export const Plain = table('table-plain', (text) => hash('plain ' + plain(text)), () => null);
`;

const sha = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('reworded test queries', function () {
  this.timeout(600_000);

  it('with the embedded pair: a table with robustness and selection entropy, no repeated requests, the same bytes again', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace(
          'limit: 300',
          'limit: 300, perturbations: { rows: 60 }',
        ),
      });
      const plain = await rxb(folder, ['run']);
      expect(plain.exitCode, plain.stderr).to.equal(0);
      expect(plain.stdout).not.to.contain('robustness');
      const none = await rxb(folder, ['leaderboard', '--table', 'robustness']);
      expect([none.exitCode, none.stderr]).to.satisfy(
        ([code, text]: [number, string]) => code === 2 && text.includes('RXB5012'),
      );
      const metrics = (leaderboard: Leaderboard): readonly object[] =>
        leaderboard.rows.map(({ router, metrics: own }) => ({ router, own }));
      const before = metrics(await readLeaderboardIn(folder));

      const counted = JSON.parse(
        (await rxb(folder, ['run', '--perturb', '--dry-run', '--json'])).stdout,
      ) as {
        readonly calls: number;
        readonly lines: readonly { readonly what: string; readonly calls: number }[];
      };
      const asked = counted.lines.filter(({ calls }) => calls > 0).map(({ what }) => what);
      expect(asked).to.have.members(
        ['tiny-arithmetic', 'tiny-instruct', 'tiny-math-hard'].map(
          (set) => `logits and hidden-states ${set}/test-perturbed`,
        ),
      );

      const ran = await rxb(folder, ['run', '--perturb']);
      expect(ran.exitCode, ran.stderr).to.equal(0);
      expect(ran.stdout).to.contain(`${counted.calls} model calls (weak ${counted.calls})`);
      expect(ran.stdout)
        .to.match(/\| router +\| robustness \| selection entropy \|/)
        .and.to.contain('60 test queries of a set are worded otherwise');
      expect((await rxb(folder, ['leaderboard', '--table', 'robustness'])).stdout).to.contain(
        '| (always-weak)',
      );

      const leaderboard = LeaderboardSchema.parse(await readLeaderboardIn(folder)) as Leaderboard;
      expect(metrics(leaderboard), 'the other metrics do not change').to.deep.equal(before);
      expect(taken(leaderboard)).to.deep.equal([]);
      const of = (router: string) =>
        leaderboard.rows.find((row) => row.router === router)?.robustness?.['tiny-arithmetic'];
      expect([
        of('always-weak')?.robustness.value,
        of('always-weak')?.selectionEntropy.value,
        of('always-weak')?.kappa.value,
      ]).to.deep.equal([1, 0, null]);
      expect(of('oracle')).to.equal(undefined);
      expect(
        of('prompt-length')?.kinds.find(({ kind }) => kind === 'case')?.robustness.value,
        'as long in capitals',
      ).to.equal(1);
      expect(of('probe-mean')?.selectionEntropy.value).to.equal(1);
      expect(of('probe-mean')?.robustness.value).to.be.within(0.5, 0.99);
      const result = RouterResultSchema.parse(
        await json<RouterResult>(join(folder, 'results/runs/small/probe-mean/tiny-instruct.json')),
      );
      expect(
        result.robustness?.kinds.map(({ kind, queries }) => [kind, queries >= 50]),
      ).to.deep.equal([
        ['whitespace', true],
        ['case', true],
        ['paraphrase', true],
      ]);
      expect(await readFile(join(folder, 'results/leaderboard.md'), 'utf8')).to.contain(
        '## robustness',
      );

      const ofPart = join('runs', 'small-coe');
      const readAll = async (): Promise<Readonly<Record<string, string>>> =>
        await filesUnder(
          join(folder, 'results'),
          (path) => mayDiffer(path) || path.startsWith(ofPart),
        );
      const files = await readAll();
      expect((await rxb(folder, ['run', '--perturb'])).stdout).to.contain('0 model calls');
      expect((await rxb(folder, ['eval', '--perturb', '--routers', 'coe'])).exitCode).to.equal(0);
      expect(await readAll()).to.deep.equal(files);
      await rm(join(folder, 'results'), { recursive: true });
      expect((await rxb(folder, ['run'], { RXB_PERTURB: '1' })).exitCode).to.equal(0);
      expect(await readAll()).to.deep.equal(files);

      // other perturbed queries of one router: its numbers are not shown beside those of the others
      const whole = await readLeaderboardIn(folder);
      await writeFiles(folder, {
        'harness.config.mjs': SMALL_CONFIG.replace(
          'limit: 300',
          'limit: 300, perturbations: { rows: 30 }',
        ),
      });
      expect((await rxb(folder, ['run', '--perturb', '--routers', 'coe'])).exitCode).to.equal(0);
      const part = await json<Leaderboard>(join(folder, 'results', ofPart, 'leaderboard.json'));
      expect(
        part.rows
          .filter(({ control, robustness }) => !control && robustness !== undefined)
          .map(({ router }) => router),
      ).to.deep.equal(['coe']);
      expect(await readLeaderboardIn(folder)).to.deep.equal(whole);
      expect(metrics(whole)).to.deep.equal(before);
    });
  });

  it('expose tables of the test questions: by hash, with a guess for other texts, or normalised; all look perfect otherwise', async () => {
    await inTemporaryFolder(async (folder) => {
      const sets: readonly TinySet[] = ['tiny-arithmetic', 'tiny-instruct', 'tiny-math-hard'];
      await writeFiles(folder, { 'harness.config.mjs': SMALL_CONFIG });
      expect((await rxb(folder, ['run', '--routers', 'prompt-length'])).exitCode).to.equal(0);
      const entries: (readonly [string, number])[] = [];
      for (const set of sets) {
        const grades = new Map(
          (
            await readFile(
              join(folder, `results/runs/small-prompt-length/prompt-length/${set}.rows.jsonl`),
              'utf8',
            )
          )
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line) as { readonly id: string; readonly weak: number })
            .map(({ id, weak }) => [id, weak]),
        );
        for (const { id, prompt } of tinyRows(set, 'test')) {
          const grade = grades.get(id);
          if (grade !== undefined)
            for (const text of [prompt, `plain ${prompt.toLowerCase()}`])
              entries.push([sha(text), grade]);
        }
      }
      await writeFiles(folder, {
        'tables/package.json': JSON.stringify({
          name: 'rxb-plugin-tables',
          version: '1.0.0',
          type: 'module',
          harness: { plugins: 'index.js' },
        }),
        'tables/index.js': TABLES,
        'tables/table.json': JSON.stringify(entries),
        'harness.config.mjs': SMALL_CONFIG.replace(
          "name: 'small',",
          "name: 'small', plugins: ['./tables'],",
        ).replace('routers: [', "routers: ['table-exact', 'table-noisy', 'table-plain', "),
      });
      const ran = await rxb(folder, ['run', '--perturb']);
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const leaderboard = await readLeaderboardIn(folder);
      for (const router of ['table-exact', 'table-noisy', 'table-plain']) {
        const row = leaderboard.rows.find((one) => one.router === router);
        expect(row?.metrics['ID AVG']?.['auroc']?.value, router).to.equal(1);
        if (router !== 'table-noisy')
          expect(
            lookUps(leaderboard, router).every((reason) => typeof reason === 'string'),
            router,
          ).to.equal(true); // a guess may be right by accident on a dataset
        const kappas = sets.map(
          (set) =>
            row?.robustness?.[set]?.kinds.find(({ kind }) => kind === 'paraphrase')?.kappa.value,
        );
        for (const kappa of kappas) expect(kappa, router).to.be.within(-0.3, 0.3);
      }
      expect(taken(leaderboard)).to.have.members(['table-exact', 'table-noisy', 'table-plain']);
      expect(ran.stdout)
        .to.contain(
          'behaves as a look-up table: it has no preference among the queries of tiny-arithmetic',
        )
        .and.to.match(/its AUROC on tiny-\S+ falls from 1\.00 to 0\.\d\d in other words/);
    });
  });

  it('expose a third-party table for a dataset without paraphrases, in its own process as usual', async () => {
    await attack(
      ['looks-up'],
      { isolation: {}, flags: ['--perturb'] },
      async ({ ran, leaderboard }) => {
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const own = await leaderboard();
        expect(taken(own)).to.deep.equal(['looks-up']);
        expect(
          lookUps(own, 'looks-up').every((reason) => reason?.includes('no preference') === true),
        ).to.equal(true);
        expect(ran.stdout).to.contain('behaves as a look-up table');
      },
    );
  });

  it('do not mistake a router of this package for a table', async () => {
    await inTemporaryFolder(async (results) => {
      const ran = await rxb(resolve('.'), [
        'run',
        '--perturb',
        '--limit',
        '200',
        '--results',
        results,
        '--json',
      ]);
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const { board: leaderboard } = JSON.parse(ran.stdout) as { readonly board: Leaderboard };
      expect(
        leaderboard.rows.filter(
          ({ control, robustness }) => !control && Object.keys(robustness ?? {}).length === 6,
        ).length,
      ).to.be.at.least(29);
      expect(taken(leaderboard)).to.deep.equal([]);
    });
  });

  it('report nothing for a router whose signals are missing for the new texts', async () => {
    const choosy = `
      import { model } from 'routerxbench';
      export class Choosy {
        info = async () => ({ name: 'choosy', fingerprint: 'choosy', can: ['generate'] });
        generate = async (prompts, _settings, { advance }) => prompts.map(({ messages }) => {
          advance(1);
          const found = /^(?:What is|Add) (\\d+) \\+ (\\d+)\\? \\(\\d+\\)$/.exec(messages.at(-1).content);
          if (found === null) return { ok: false, code: 'RXB4109', message: 'not recorded' };
          const sum = Number(found[1]) + Number(found[2]);
          return { ok: true, value: [{ text: String(sum <= 60 ? sum : 0), tokenLogprobs: [-sum], finish: 'stop', promptTokens: 4, completionTokens: 1 }] };
        });
      }
      model({ name: 'toy-choosy', summary: 'Reads only what was recorded' })(Choosy);
    `;
    await inToyProject(
      async ({ folder, rxb: run }) => {
        await writeFiles(folder, { 'toy-plugins/choosy.js': choosy });
        const ran = await run('run', '--perturb', '--quiet');
        expect(ran.exitCode, ran.stderr).to.equal(3); // no new text has an answer
        expect(ran.stderr).to.include('RXB4116').and.to.include('not recorded');
        const leaderboard = await readLeaderboardIn(folder);
        expect(taken(leaderboard)).to.deep.equal([]);
        const { robustness, kinds = [] } =
          leaderboard.rows.find(({ router }) => router === 'toy-sure')?.robustness?.['toy-near'] ??
          {};
        expect([robustness?.value, kinds.map(({ queries }) => queries)]).to.deep.equal([
          null,
          [0, 0],
        ]);
        expect(
          leaderboard.rows
            .find(({ router }) => router === 'prompt-length')
            ?.robustness?.['toy-near']?.kinds.every(({ queries }) => queries === 80),
        ).to.equal(true);
      },
      {
        plugins: ['./toy-plugins', './toy-plugins/choosy.js'],
        models: { weak: { use: 'toy-choosy' }, strong: { use: 'toy-strong' } },
      },
    );
  });

  it('resume where they were stopped', async () => {
    await inToyProject(
      async ({ folder, rxb: run }) => {
        const stopped = await rxbIn(folder, { interruptAt: 'toy-near/test-perturbed' })(
          'run',
          '--perturb',
        );
        expect(stopped.exitCode, stopped.stderr).to.equal(130);
        const on = await run('run', '--perturb');
        expect(on.exitCode, on.stderr).to.equal(0);
        const files = await filesUnder(join(folder, 'results'), mayDiffer);
        await rm(join(folder, 'results'), { recursive: true });
        await writeFiles(folder, {
          'harness.config.json': toyConfig({
            models: { weak: { use: 'toy-slow' }, strong: { use: 'toy-strong' } },
            perturbations: { on: true },
          }),
        });
        expect((await run('run')).exitCode).to.equal(0);
        expect(await filesUnder(join(folder, 'results'), mayDiffer)).to.deep.equal(files);
      },
      { models: { weak: { use: 'toy-slow' }, strong: { use: 'toy-strong' } } },
    );
  });
});

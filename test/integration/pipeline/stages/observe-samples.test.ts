import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RouterResult } from '../../../../storage/results/types.js';
import { copyFolder } from '../../../support/rxb.js';
import { inToyProject } from '../../../support/toy-project.js';

const SAMPLES = { maxTokens: 16 };
const ENTAILS = '{query}<1>{first}<2>{second}';
const CONFIG = {
  plugins: ['./recorded-replies'],
  models: {
    weak: { use: 'recorded-weak' },
    strong: { use: 'recorded-strong' },
    judge: { use: 'recorded-strong' },
  },
  datasets: { inDomain: ['four-questions'] },
  routers: [
    { use: 'semantic_entropy', options: SAMPLES },
    {
      use: 'semantic-entropy',
      as: 'by-meaning',
      options: { ...SAMPLES, by: 'entailment', model: 'judge', template: ENTAILS },
    },
    {
      use: 'semantic-entropy',
      as: 'by-vectors',
      options: { ...SAMPLES, by: 'embedding', model: 'weak' },
    },
    { use: 'self-questioning', options: { template: 'RATE {query}' } },
    { use: 'llm', options: { template: 'HARD {query}', model: 'judge' } },
    'p-true',
    'avg-logprob',
    'perplexity',
  ],
  protocol: { testSplit: 'test' },
};

const json = async <T>(file: string): Promise<T> => JSON.parse(await readFile(file, 'utf8')) as T;
const entropy = (...shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum - share * Math.log(share), 0);

describe('signals over samples, and the routers that ask models', () => {
  it('judge entailment both ways, each pair of different texts once, and count what cannot be read', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await copyFolder('test/fixtures/recorded-replies', join(folder, 'recorded-replies'));
      const ran = await rxb('run', '--json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const run = join(folder, 'results/runs/toy');
      const result = async (router: string): Promise<RouterResult> =>
        await json<RouterResult>(join(run, router, 'four-questions.json'));
      const confidences = async (
        router: string,
      ): Promise<Readonly<Record<string, number | null>>> => {
        const rows = (await readFile(join(run, router, 'four-questions.rows.jsonl'), 'utf8'))
          .trim()
          .split('\n');
        return Object.fromEntries(
          rows
            .map(
              (row) =>
                JSON.parse(row) as { readonly id: string; readonly confidence: number | null },
            )
            .map(({ id, confidence }) => [id, confidence]),
        );
      };

      // Paris in three wordings is one meaning; France entails Europe but not the other way round;
      // one reply was "Perhaps."
      const meaning = await confidences('by-meaning');
      expect(meaning['capital']).to.be.closeTo(-entropy(0.8, 0.2), 1e-9);
      expect(meaning['sum']).to.equal(0);
      expect(meaning['where']).to.be.closeTo(-entropy(0.4, 0.6), 1e-9);
      expect(meaning['colour']).to.equal(null);
      // By letters the long answer about Paris is a meaning of its own.
      const letters = await confidences('semantic-entropy');
      expect(letters['capital']).to.be.closeTo(-entropy(0.4, 0.2, 0.2, 0.2), 1e-9);
      expect(letters['colour']).to.be.closeTo(-entropy(0.8, 0.2), 1e-9);
      expect((await confidences('by-vectors'))['capital']).to.be.closeTo(-entropy(0.8, 0.2), 1e-9);

      // 4 · 3 + 0 + 2 + 2 pairs, all of them by the judge; the samples were drawn once for all
      // three routers
      const { cost, rows, provenance } = await result('by-meaning');
      expect(cost).to.deep.include({
        needsAnswer: false,
        requests: 4 + 16,
        promptTokens: 40 + 160,
        usd: null,
      });
      expect(cost?.signals.find(({ signal }) => signal === 'entailment')).to.deep.equal({
        signal: 'entailment',
        model: 'judge',
        requests: 16,
        failed: 0,
        unread: 1,
        promptTokens: 160,
        completionTokens: 16,
        usd: null,
      });
      expect(rows.nullConfidence).to.equal(1);
      expect(provenance['templates']).to.have.keys('entailment');
      const { modelCalls } = JSON.parse(ran.stdout) as {
        readonly modelCalls: Readonly<Record<string, number>>;
      };
      expect(modelCalls['judge']).to.equal(16 + 4);
      expect(ran.stderr).to.contain('1 of 16 replies about entailment were neither yes nor no');

      expect(await confidences('self-questioning')).to.deep.equal({
        capital: 0.95,
        sum: 1,
        where: 0.4,
        colour: null,
      });
      expect(await confidences('llm')).to.deep.equal({
        capital: -0.1,
        sum: 0,
        where: -0.55,
        colour: null,
      });
      expect((await result('llm')).cost).to.deep.equal({
        needsAnswer: false,
        requests: 4,
        promptTokens: 40,
        completionTokens: 4,
        usd: null,
        signals: [
          {
            signal: 'reply',
            model: 'judge',
            requests: 4,
            failed: 0,
            unread: null,
            promptTokens: 40,
            completionTokens: 4,
            usd: null,
          },
        ],
      });
      expect((await confidences('p-true'))['where']).to.be.closeTo(-0.4, 1e-6);
      expect((await result('p-true')).cost).to.deep.include({
        needsAnswer: true,
        requests: 4,
        promptTokens: null,
      });
      expect((await result('avg-logprob')).cost).to.deep.equal({
        needsAnswer: true,
        requests: 0,
        promptTokens: 0,
        completionTokens: 0,
        usd: 0,
        signals: [],
      });
      expect((await confidences('perplexity'))['sum']).to.be.closeTo(-Math.exp(0.2), 1e-9);

      // too many rows without an opinion: listed, not ranked, with the reason
      const board = await readFile(join(folder, 'results/leaderboard.md'), 'utf8');
      expect(board)
        .to.match(/self-questioning/)
        .and.to.match(/no opinion on 25.0 % of the rows/);
    }, CONFIG);
  });
});

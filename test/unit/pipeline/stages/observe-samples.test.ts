import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluate } from '../../../../pipeline/stages/evaluate.js';
import { prepare } from '../../../../pipeline/stages/prepare.js';
import { AvgLogprob } from '../../../../plugins/routers/avg-logprob.js';
import { Llm } from '../../../../plugins/routers/llm.js';
import { PTrue } from '../../../../plugins/routers/p-true.js';
import { Perplexity } from '../../../../plugins/routers/perplexity.js';
import { SelfQuestioning } from '../../../../plugins/routers/self-questioning.js';
import { SemanticEntropy } from '../../../../plugins/routers/semantic-entropy.js';
import { Exact } from '../../../../plugins/scorers/exact.js';
import type { RouterCost, RouterResult } from '../../../../storage/results/types.js';
import { FourQuestions, RecordedStrong, RecordedWeak } from '../../../support/recorded-replies.js';
import { keepWarnings, onStage, type StagePlan } from '../../../support/stage-plan.js';

const SAMPLES = { maxTokens: 16 };
const template = '{query}<1>{first}<2>{second}';
const PLAN: StagePlan = {
  models: { weak: RecordedWeak, strong: RecordedStrong, judge: RecordedStrong },
  datasets: [{ plugin: FourQuestions, scorers: [Exact] }],
  routers: [
    { plugin: SemanticEntropy, options: SAMPLES },
    {
      plugin: SemanticEntropy,
      as: 'by-meaning',
      options: { ...SAMPLES, by: 'entailment', model: 'judge', template },
    },
    {
      plugin: SemanticEntropy,
      as: 'by-vectors',
      options: { ...SAMPLES, by: 'embedding', model: 'weak' },
    },
    { plugin: SelfQuestioning, options: { template: 'RATE {query}' } },
    { plugin: Llm, options: { template: 'HARD {query}', model: 'judge' } },
    PTrue,
    AvgLogprob,
    Perplexity,
  ],
};

type Confidences = Readonly<Record<string, number | null>>;

interface Run {
  readonly results: ReadonlyMap<string, RouterResult>;
  readonly confidences: (router: string) => Promise<Confidences>;
  readonly calls: ReadonlyMap<string, number>;
  readonly warnings: readonly string[];
}

/** Prepares and evaluates the plan. */
const onRun = async (check: (run: Run) => Promise<void>): Promise<void> => {
  const observer = keepWarnings();
  await onStage(
    PLAN,
    async (context, folder) => {
      const prepared = await prepare(context);
      const runFolder = join(folder, 'run');
      const weights = { weights: new Map(), borrowed: false };
      const { results, failed } = await evaluate(context, prepared, weights, runFolder);
      expect(failed).to.deep.equal([]);
      await check({
        results: new Map(results.map((result) => [result.router, result])),
        calls: context.calls,
        warnings: observer.warnings,
        confidences: async (router) => {
          const file = join(runFolder, router, 'four-questions.rows.jsonl');
          const rows = (await readFile(file, 'utf8')).trim().split('\n');
          return Object.fromEntries(
            rows
              .map((row) => JSON.parse(row) as { id: string; confidence: number | null })
              .map(({ id, confidence }) => [id, confidence]),
          );
        },
      });
    },
    { observer },
  );
};

const entropy = (...shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum - share * Math.log(share), 0);

const getCost = ({ results }: Run, router: string): RouterCost | null =>
  results.get(router)?.cost ?? null;

describe('signals that are made from samples', () => {
  it('judge entailment in both directions, and meanings are counted by it', async () => {
    await onRun(async ({ confidences }) => {
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
      const vectors = await confidences('by-vectors');
      expect(vectors['capital']).to.be.closeTo(-entropy(0.8, 0.2), 1e-9);
    });
  });

  it('ask about each pair of different texts once, and count replies that cannot be read', async () => {
    await onRun(async (run) => {
      // 4 · 3 + 0 + 2 + 2 pairs, all of them by the judge; the samples were drawn once for all
      // three routers
      const cost = getCost(run, 'by-meaning');
      expect(cost).to.deep.include({
        needsAnswer: false,
        decides: 'after',
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
      expect(run.calls.get('judge')).to.equal(16 + 4);
      const result = run.results.get('by-meaning');
      expect(result?.rows.nullConfidence).to.equal(1);
      expect(result?.provenance['templates']).to.have.keys('entailment');
      expect(run.warnings.join()).to.contain(
        '1 of 16 replies about entailment were neither yes nor no',
      );
    });
  });
});

describe('signals that ask a model about the query', () => {
  it('give numbers that were read from replies, and null where there is none', async () => {
    await onRun(async ({ confidences, results }) => {
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
      expect((await confidences('p-true'))['where']).to.be.closeTo(-0.4, 1e-6);
      expect((await confidences('perplexity'))['sum']).to.be.closeTo(-Math.exp(0.2), 1e-9);
      expect(results.get('self-questioning')?.unranked).to.equal(
        'no opinion on 25.0 % of the rows (at most 20.0 % is allowed)',
      );
    });
  });

  it('are counted with their requests and tokens, the weak answer apart', async () => {
    await onRun(async (run) => {
      const reply = {
        signal: 'reply',
        model: 'judge',
        requests: 4,
        failed: 0,
        unread: null,
        promptTokens: 40,
        completionTokens: 4,
        usd: null,
      };
      expect(getCost(run, 'llm')).to.deep.equal({
        needsAnswer: false,
        decides: 'before',
        requests: 4,
        promptTokens: 40,
        completionTokens: 4,
        usd: null,
        signals: [reply],
      });
      expect(getCost(run, 'p-true')).to.deep.include({
        needsAnswer: true,
        decides: 'after',
        requests: 4,
        promptTokens: null,
      });
      expect(getCost(run, 'avg-logprob')).to.deep.equal({
        needsAnswer: true,
        decides: 'after',
        requests: 0,
        promptTokens: 0,
        completionTokens: 0,
        usd: 0,
        signals: [],
      });
    });
  });
});

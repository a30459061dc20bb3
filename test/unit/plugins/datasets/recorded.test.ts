import { expect } from 'chai';
import type { DatasetRow } from '../../../../core/contracts.js';
import { LlmRouter } from '../../../../plugins/datasets/llmrouter.js';
import { RouteLlmGsm8k } from '../../../../plugins/datasets/routellm-gsm8k.js';
import { RouteLlmMmlu } from '../../../../plugins/datasets/routellm-mmlu.js';
import { RouteLlmMtBench } from '../../../../plugins/datasets/routellm-mt-bench.js';
import { RouterArena } from '../../../../plugins/datasets/routerarena.js';
import { MMLU_GROUPS } from '../../../../plugins/datasets/_recorded/mmlu-groups.js';
import { checkDataset } from '../../../../testing/index.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';

type Plugin = new (...args: never[]) => unknown;

const read = async (
  plugin: Plugin,
  options: object,
  folder: string,
  split = 'all',
): Promise<readonly DatasetRow[]> => {
  const rows: DatasetRow[] = [];
  for await (const row of createInstance('dataset', plugin, options, folder).read(split))
    rows.push(row);
  return rows;
};
const lines = (rows: readonly object[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const WEAK = 'mistralai/Mixtral-8x7B-Instruct-v0.1';
const STRONG = 'gpt-4-1106-preview';

/** A small checkout of RouteLLM: two questions per subject, one of them in its training data. */
const ROUTE_LLM: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.values(MMLU_GROUPS)
      .flat()
      .map((subject) => [
        `RouteLLM/routellm/evals/mmlu/responses/mmlu_${subject}.csv`,
        `prompt,${WEAK},${STRONG}\n"Pick one of ${subject}:\nA. this\nB. that",True,False\nSomething else of ${subject},False,True\n`,
      ]),
  ),
  'RouteLLM/routellm/evals/mmlu/contaminated_prompts.jsonl': lines([
    { eval_prompt: 'Something else of virology' },
  ]),
  'RouteLLM/routellm/evals/gsm8k/gsm8k_responses.csv': `prompt,${WEAK},${STRONG},${WEAK}_response,${STRONG}_response\nTwo and two?,False,True,"five\n#### 5",4\nOne and one?,True,True,2,2\n`,
  'RouteLLM/routellm/evals/gsm8k/test.jsonl': lines([
    { question: 'Two and two?', answer: 'It is\n#### 4' },
  ]),
  'RouteLLM/routellm/evals/gsm8k/contaminated_prompts.jsonl': '',
  'RouteLLM/routellm/evals/mt_bench/question.jsonl': lines([
    { question_id: 81, category: 'writing', turns: ['Write.', 'Again.'] },
    { question_id: 82, category: 'writing', turns: ['Known.', 'Again?'] },
    { question_id: 83, category: 'math', turns: ['Count.', 'On.'] },
  ]),
  'RouteLLM/routellm/evals/mt_bench/contaminated_prompts.jsonl': lines([{ eval_prompt: 'Known.' }]),
  'RouteLLM/routellm/evals/mt_bench/judgements.jsonl': lines([
    { question_id: 81, model: WEAK, score: 6, turn: 1 },
    { question_id: 81, model: WEAK, score: 9, turn: 2 },
    { question_id: 83, model: WEAK, score: -1, turn: 1 },
    { question_id: 83, model: WEAK, score: 7, turn: 2 },
  ]),
};

describe('recorded outcomes of RouteLLM', () => {
  it('routellm-mmlu reads 57 subjects in four groups and leaves contaminated questions out', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, ROUTE_LLM);
      const rows = await read(RouteLlmMmlu, { folder: 'RouteLLM' }, folder);
      expect(rows).to.have.length(57 * 2 - 1);
      expect(new Set(rows.map(({ domain }) => domain)).size).to.equal(57);
      expect(rows[0]).to.deep.include({
        id: 'mmlu-abstract_algebra-1',
        prompt: 'Pick one of abstract_algebra:\nA. this\nB. that',
        reference: [],
        domain: 'abstract_algebra',
        group: 'stem',
        recorded: { [WEAK]: { grade: 1 }, [STRONG]: { grade: 0 } },
      });
      expect(
        await read(RouteLlmMmlu, { folder: 'RouteLLM', contaminated: 'keep' }, folder),
      ).to.have.length(57 * 2);
      const stem = await read(RouteLlmMmlu, { folder: 'RouteLLM', groups: ['stem'] }, folder);
      expect(stem).to.have.length(19 * 2);
      expect(
        await checkDataset(RouteLlmMmlu, {
          folder,
          options: { folder: 'RouteLLM', groups: ['stem'] },
          sharedPrompts: stem.length,
        }),
      ).to.deep.equal([]);
    });
  });

  it('splits by the prompt, so that a repeated question is in one part only, and all = train and test', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, ROUTE_LLM);
      const ids = async (split: string): Promise<readonly string[]> =>
        (await read(RouteLlmMmlu, { folder: 'RouteLLM' }, folder, split)).map(({ id }) => id);
      const [all, train, test] = [await ids('all'), await ids('train'), await ids('test')];
      expect([...train, ...test].sort()).to.deep.equal([...all].sort());
      expect(test.length / all.length).to.be.within(0.1, 0.4);
      const [one] = await read(RouteLlmMmlu, { folder: 'RouteLLM' }, folder);
      expect(one?.cluster).to.match(/^[0-9a-f]{12}$/);
    });
  });

  it('routellm-gsm8k reads texts and references, routellm-mt-bench the mean of two turns; a failed rating leaves the grade out', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, ROUTE_LLM);
      const gsm8k = await read(RouteLlmGsm8k, { folder: 'RouteLLM' }, folder);
      expect(gsm8k.map(({ reference }) => reference)).to.deep.equal(['4', []]);
      expect(gsm8k[0]?.recorded?.[WEAK]).to.deep.equal({ grade: 0, text: 'five\n#### 5' });
      const bench = await read(RouteLlmMtBench, { folder: 'RouteLLM' }, folder);
      expect(bench.map(({ id, turns }) => [id, turns])).to.deep.equal([
        ['mt-bench-81', ['Again.']],
        ['mt-bench-83', ['On.']],
      ]);
      expect(bench.map(({ recorded }) => recorded?.[WEAK])).to.deep.equal([
        { grade: 0.75 },
        { grade: null, reason: '1 of 2 turns were rated' },
      ]);
    });
  });

  it('report the location of a wrong line', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        ...ROUTE_LLM,
        'RouteLLM/routellm/evals/gsm8k/gsm8k_responses.csv': `prompt,${WEAK}\nTwo?,maybe\n`,
      });
      expect(
        (await rejection(read(RouteLlmGsm8k, { folder: 'RouteLLM' }, folder))).message,
      ).to.match(/^RXB3002 RouteLLM.*gsm8k_responses\.csv:2 has "maybe"/);
      expect((await rejection(read(RouteLlmMmlu, { folder: 'nowhere' }, folder))).code).to.equal(
        'RXB3007',
      );
    });
  });
});

const cached = (id: string, over: object): object => ({
  global_index: id,
  question: `What is ${id}?`,
  generated_answer: 'this',
  token_usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  success: true,
  error: null,
  evaluation_result: { ground_truth: 'this', score: 1, inference_cost: 0.002 },
  ...over,
});

describe('recorded outcomes of RouterArena', () => {
  it('routerarena joins cached results of models and predictions of routers by the id of the question', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'arena/cached_results/small.jsonl': lines([
          cached('AIME_1', {}),
          cached('AIME_2', {
            evaluation_result: { ground_truth: 'that', score: -0.1, inference_cost: 0.001 },
          }),
        ]),
        'arena/cached_results/large.jsonl': lines([
          cached('AIME_1', { success: false, error: 'timed out', evaluation_result: null }),
        ]),
        'arena/router_inference/predictions/mine.json': JSON.stringify([
          {
            'global index': 'AIME_1',
            prompt: 'What is AIME_1?',
            prediction: 'large-2',
            generated_result: {
              generated_answer: 'this',
              token_usage: { input_tokens: 1, output_tokens: 2 },
            },
            cost: 0.5,
            accuracy: 1,
          },
          {
            'global index': 'AIME_1',
            prompt: 'What is AIME_1?',
            prediction: 'small-2',
            generated_result: null,
            cost: 0.1,
            accuracy: 0,
            for_optimality: true,
          },
          {
            'global index': 'AIME_2',
            prompt: 'What is AIME_2?',
            prediction: 'small-2',
            generated_result: null,
            cost: null,
            accuracy: null,
          },
        ]),
      });
      const rows = await read(
        RouterArena,
        { folder: 'arena', models: ['small', 'large'], predictions: ['mine'] },
        folder,
      );
      expect(rows.map(({ id, domain, reference }) => [id, domain, reference])).to.deep.equal([
        ['AIME_1', 'AIME', 'this'],
        ['AIME_2', 'AIME', 'that'],
      ]);
      expect(rows[0]?.recorded).to.deep.equal({
        small: { grade: 1, text: 'this', usage: { prompt: 10, completion: 5 }, cost: 0.002 },
        large: {
          grade: null,
          reason: 'timed out',
          text: 'this',
          usage: { prompt: 10, completion: 5 },
        },
        'large-2': { grade: 1, text: 'this', usage: { prompt: 1, completion: 2 }, cost: 0.5 },
        'router:mine': { grade: 1, text: 'this', usage: { prompt: 1, completion: 2 }, cost: 0.5 },
        'small-2': { grade: 0, cost: 0.1 },
      });
      expect(rows[1]?.recorded?.['small']).to.deep.include({
        grade: null,
        reason: 'the score -0.1 is not between 0 and 1',
        cost: 0.001,
      });
      expect(rows[1]?.recorded?.['router:mine']).to.deep.equal({
        grade: null,
        reason: 'it was not evaluated',
      });
    });
  });

  it('rejects two questions under one id, and predictions that are not a list', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'arena/cached_results/a.jsonl': lines([cached('Q_1', {})]),
        'arena/cached_results/b.jsonl': lines([cached('Q_1', { question: 'Another?' })]),
        'arena/router_inference/predictions/broken.json': '[{"global index": ',
        'arena/router_inference/predictions/empty.json': '[{}]',
      });
      expect(
        (await rejection(read(RouterArena, { folder: 'arena', models: ['a', 'b'] }, folder)))
          .message,
      ).to.match(/^RXB3002 .*another question for the id "Q_1"/);
      expect(
        (await rejection(read(RouterArena, { folder: 'arena', predictions: ['broken'] }, folder)))
          .code,
      ).to.equal('RXB3001');
      expect(
        (await rejection(read(RouterArena, { folder: 'arena', predictions: ['empty'] }, folder)))
          .code,
      ).to.equal('RXB3002');
    });
  });
});

describe('recorded outcomes of LLMRouter', () => {
  it('refuse a question and model that are recorded twice, and name both places', async () => {
    await inTemporaryFolder(async (folder) => {
      const line = (performance: number): object => ({
        query: 'Where?',
        model_name: 'm',
        performance,
      });
      await writeFiles(folder, { 'a.jsonl': lines([line(1), line(0)]) });
      const error = await rejection(
        read(LlmRouter, { splits: { test: 'a.jsonl' } }, folder, 'test'),
      );
      expect(error.message)
        .to.match(/^RXB3002 a\.jsonl:2 /)
        .and.to.include('that a.jsonl:1 has recorded already: "Where?"');
    });
  });

  it('llmrouter reads lines of one question and model, with costs if prices are known, and lists of all scores', async () => {
    await inTemporaryFolder(async (folder) => {
      const line = (
        query: string,
        model: string,
        performance: number,
        over: object = {},
      ): object => ({
        task_name: 'sums',
        query,
        ground_truth: '4',
        model_name: model,
        response: 'four',
        performance,
        prompt_tokens: 100,
        completion_tokens: 50,
        ...over,
      });
      await writeFiles(folder, {
        'train.jsonl': lines([
          line('Two and two?', 'a', 1),
          line('Two and two?', 'b', 0.5),
          line('Three?', 'a', 7),
        ]),
        'test.json': JSON.stringify([{ question: 'Who?', scores: { a: 0, b: 1 } }]),
        'llms.json': JSON.stringify({
          a: { input_price: 2, output_price: 4 },
          b: { model: 'no price' },
        }),
      });
      const options = {
        splits: { train: 'train.jsonl', test: 'test.json' },
        candidates: 'llms.json',
      };
      const train = await read(LlmRouter, options, folder, 'train');
      expect(
        train.map(({ prompt, reference, domain }) => [prompt, reference, domain]),
      ).to.deep.equal([
        ['Two and two?', '4', 'sums'],
        ['Three?', '4', 'sums'],
      ]);
      expect(train[0]?.recorded).to.deep.equal({
        a: { grade: 1, text: 'four', usage: { prompt: 100, completion: 50 }, cost: 0.0004 },
        b: { grade: 0.5, text: 'four', usage: { prompt: 100, completion: 50 } },
      });
      expect(train[1]?.recorded?.['a']).to.deep.include({
        grade: null,
        reason: 'the score 7 is not between 0 and 1',
      });
      expect((await read(LlmRouter, options, folder, 'test'))[0]?.recorded).to.deep.equal({
        a: { grade: 0 },
        b: { grade: 1 },
      });
      expect(await checkDataset(LlmRouter, { folder, options })).to.deep.equal([]);
    });
  });
});

import { expect } from 'chai';
import type { Completion, ModelInfo, ModelPrompt, Outcome } from '../../../../core/contracts.js';
import { model } from '../../../../core/index.js';
import type { AnswerRow } from '../../../../pipeline/stages/answer.js';
import { answerCountsText, countAnswers } from '../../../../pipeline/stages/answer-counts.js';
import { prepare } from '../../../../pipeline/stages/prepare.js';
import { readGrades, SIDES, type Prepared } from '../../../../pipeline/stages/prepared.js';
import { setProvenance } from '../../../../pipeline/stages/result-provenance.js';
import { Choice } from '../../../../plugins/scorers/choice.js';
import { MathScorer } from '../../../../plugins/scorers/math.js';
import { XVerify } from '../../../../plugins/scorers/xverify.js';
import type { GradeRow } from '../../../../storage/results/types.js';
import { onStage } from '../../../support/stage-plan.js';
import { AddsAll, AddsSmall, getText, says, Sums } from '../../../support/sums.js';

const asked: string[] = [];

/** Says whether a response equals the correct answer, but nothing useful about the response 0. */
@model({ name: 'verifier', summary: 'Compares answers' })
class Verifier {
  readonly info = async (): Promise<ModelInfo> => ({
    name: 'verifier',
    fingerprint: 'verifier',
    can: ['generate'],
    remote: { concurrency: 4 },
  });
  readonly generate = async (
    prompts: readonly ModelPrompt[],
  ): Promise<readonly Outcome<readonly Completion[]>[]> =>
    prompts.map((prompt) => {
      const text = getText(prompt);
      asked.push(text);
      const [, question = ''] = text.split('Response:\n');
      const [response, wanted] = question.split('\n\nCorrect answer:\n');
      if (response === '0') return says('It made no attempt.');
      return says(response === wanted ? 'Correct' : 'Incorrect');
    });
}

const readAll = async ({ sets }: Prepared): Promise<readonly GradeRow[]> => {
  const rows: GradeRow[] = [];
  for (const { test } of sets)
    for (const side of SIDES) rows.push(...(await readGrades(test.grades[side])));
  return rows;
};

/** Thinks aloud and then adds, up to 12; of larger sums the limit leaves only the thought. */
@model({ name: 'thinker', summary: 'Thinks before it adds' })
class Thinker {
  readonly info = async (): Promise<ModelInfo> => ({
    name: 'thinker',
    fingerprint: 'thinker',
    can: ['generate'],
  });
  readonly generate = async (
    prompts: readonly ModelPrompt[],
  ): Promise<readonly Outcome<readonly Completion[]>[]> =>
    prompts.map((prompt) => {
      const [a, b] = (getText(prompt).match(/\d+/g) ?? []).map(Number) as [number, number];
      const said = says(`<think>Is it ${a + b + 1}?</think>\n\n${a + b}`);
      if (!said.ok || a + b <= 12) return said;
      const text = `<think>It is ${a + b}. Or is it`;
      return { ...said, value: said.value.map((one) => ({ ...one, text, finish: 'length' })) };
    });
}

describe('a chain of scorers', () => {
  it('is decided by the first that can grade, and every grade names it', async () => {
    const models = { weak: AddsSmall, strong: AddsAll };
    const datasets = [{ plugin: Sums, scorers: [Choice, MathScorer] }];
    await onStage({ models, datasets }, async (context) => {
      const prepared = await prepare(context);
      const rows = await readAll(prepared);
      expect(rows).to.have.length(80);
      expect(new Set(rows.map(({ scorer }) => scorer))).to.deep.equal(new Set(['math']));
      const [set] = prepared.sets;
      expect(set === undefined ? null : setProvenance(context, set)['scorer']).to.deep.equal([
        'choice',
        'math',
      ]);
    });
  });

  it('keeps the reasons of all scorers where none can grade, and asks a judge each prompt once', async () => {
    asked.length = 0;
    const models = { weak: AddsSmall, strong: AddsAll, xverify: Verifier };
    const datasets = [{ plugin: Sums, scorers: [Choice, XVerify] }];
    await onStage({ models, datasets }, async (context) => {
      const prepared = await prepare(context);
      const rows = await readAll(prepared);
      expect(new Set(rows.map(({ scorer }) => scorer))).to.deep.equal(
        new Set(['xverify', undefined]),
      );
      expect(rows.find(({ value }) => value === null)?.reason).to.equal(
        'choice: the reference names no option; xverify: the verifier replied neither Correct ' +
          'nor Incorrect: "It made no attempt."',
      );
      // both models say the same up to 30
      expect(new Set(asked).size).to.equal(asked.length);
      expect(asked).to.have.length(40 + 24);
      await prepare(context);
      expect(asked, 'nothing is asked again').to.have.length(40 + 24);
    });
  });
});

describe('answers of a model that thinks', () => {
  const models = { weak: Thinker, strong: AddsAll };
  const datasets = [{ plugin: Sums, scorers: [MathScorer] }];

  it('are graded without their thoughts; one that was cut off while thinking is wrong', async () => {
    await onStage({ models, datasets }, async (context) => {
      const prepared = await prepare(context);
      const [set] = prepared.sets;
      const answers = (await set?.test.answers.weak.readRows<AnswerRow>(0)) ?? [];
      const grades = (await readAll(prepared)).slice(0, answers.length);
      const short = answers.filter((row) => !('error' in row) && row.finish === 'stop').length;
      expect(short).to.be.within(1, answers.length - 1);
      answers.forEach((row, i) => {
        if ('error' in row) throw new Error(row.error.message);
        const { text, thinking = '', finish } = row;
        if (finish === 'stop') {
          expect([thinking, text]).to.deep.equal([`Is it ${Number(text) + 1}?`, text]);
          expect(grades[i]).to.deep.equal({ id: row.id, value: 1, scorer: 'math' });
        } else {
          expect([text, thinking.startsWith('It is')]).to.deep.equal(['', true]);
          expect(grades[i]).to.deep.equal({
            id: row.id,
            value: 0,
            unread: true,
            reason: 'the thought was cut off by the token limit',
          });
        }
      });
      const cutOff = answers.length - short;
      const [weak, strong] = await countAnswers(context, prepared);
      expect(weak).to.deep.equal({
        model: 'weak',
        dataset: 'sums/test',
        answers: answers.length,
        thought: answers.length,
        cutOff,
        unread: cutOff,
      });
      expect(strong).to.deep.include({ model: 'strong', thought: 0, cutOff: 0, unread: 0 });
      const text = answerCountsText(await countAnswers(context, prepared), 'wrong');
      expect(text).to.equal(
        `weak: of ${answers.length} answers to sums/test, ${answers.length} thought first; ` +
          `${cutOff} were cut off while thinking (raise maxTokens); ` +
          `${cutOff} state no answer that can be read and count as wrong\n`,
      );
    });
  });

  it('have no grade where nothing can be read, if the config says so', async () => {
    const config = { protocol: { unread: 'null' } } as const;
    await onStage({ models, datasets, config }, async (context) => {
      const rows = await readAll(await prepare(context));
      const unread = rows.filter((row) => row.unread === true);
      expect(unread).to.have.length.above(0);
      for (const { value } of unread) expect(value).to.equal(null);
    });
  });
});

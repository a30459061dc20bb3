import { expect } from 'chai';
import type { Completion, ModelInfo, ModelPrompt, Outcome } from '../../../../core/contracts.js';
import { model } from '../../../../core/index.js';
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

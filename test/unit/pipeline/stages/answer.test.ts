import { expect } from 'chai';
import type {
  Completion,
  DatasetRow,
  GenerateSettings,
  ModelContext,
  ModelInfo,
  ModelPrompt,
  Outcome,
} from '../../../../core/contracts.js';
import { dataset, model } from '../../../../core/index.js';
import type { AnswerRow } from '../../../../pipeline/stages/answer.js';
import { prepare } from '../../../../pipeline/stages/prepare.js';
import { Exact } from '../../../../plugins/scorers/exact.js';
import { onStage, question } from '../../../support/stage-plan.js';
import { getText, says } from '../../../support/sums.js';

/** Repeats the whole conversation and the temperature; a message with "fail" in it fails. */
@model({ name: 'echo', summary: 'Repeats what it is asked' })
class Echo {
  readonly info = async (): Promise<ModelInfo> => ({
    name: 'echo',
    fingerprint: 'echo',
    can: ['generate'],
  });
  readonly generate = async (
    prompts: readonly ModelPrompt[],
    { temperature }: GenerateSettings,
    { advance }: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> =>
    prompts.map((prompt) => {
      advance(1);
      if (getText(prompt).includes('fail'))
        return { ok: false, code: 'RXB4008', message: 'told to' };
      const messages = prompt.form === 'chat' ? prompt.messages : [];
      return says(`${messages.map(({ content }) => content).join('|')}@${temperature}`);
    });
}

@dataset({
  name: 'conversations',
  summary: 'Conversations',
  splits: ['test'],
  licence: 'CC0-1.0',
  source: { text: 'made here' },
  scorer: 'exact',
  scale: [0, 1],
  label: 'correct',
})
class Conversations {
  *read(): Generator<DatasetRow> {
    yield question('one', 'a', 'r', { turns: ['b', 'c'], temperature: 0.7 });
    yield question('two', 'd', 'r');
    yield question('three', 'e', 'r', { turns: ['fail'] });
  }
}

const PLAN = {
  models: { weak: Echo, strong: Echo },
  datasets: [{ plugin: Conversations, scorers: [Exact] }],
};

describe('answers to a question with further turns', () => {
  const readAnswers = async (): Promise<readonly AnswerRow[]> =>
    await onStage(PLAN, async (context) => {
      const { sets } = await prepare(context, ['answers']);
      return (await sets[0]?.test.answers.weak.readRows<AnswerRow>(0)) ?? [];
    });

  it('are asked for with the answers so far, at the temperature of the row', async () => {
    const [one, two] = await readAnswers();
    expect(one).to.deep.include({
      id: 'one',
      text: 'a@0.7',
      further: ['a|a@0.7|b@0.7', 'a|a@0.7|b|a|a@0.7|b@0.7|c@0.7'],
      promptTokens: 12,
      completionTokens: 3,
    });
    expect(two).to.deep.include({ text: 'd@0' }).and.not.to.have.property('further');
  });

  it('fail where one of the turns fails', async () => {
    const [, , three] = await readAnswers();
    expect(three).to.deep.equal({
      id: 'three',
      error: { code: 'RXB4008', message: 'turn 2: told to' },
    });
  });
});

describe('preparing some parts', () => {
  it('makes only those parts', async () => {
    await onStage(PLAN, async (context) => {
      const { sets } = await prepare(context, ['answers']);
      const [set] = sets;
      expect(await set?.test.answers.strong.missing()).to.deep.equal([]);
      expect(await set?.test.grades.strong.missing()).to.deep.equal([0]);
    });
  });

  it('refuses a part that no router needs', async () => {
    await onStage(PLAN, async (context) => {
      const refused = await prepare(context, ['logits']).catch((error: unknown) => error);
      expect(refused).to.have.property('message').that.includes('"logits"');
    });
  });
});

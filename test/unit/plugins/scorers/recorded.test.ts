import { makePlan } from '../../../../pipeline/plan.js';
import { openProject } from '../../../../pipeline/project.js';
import { inToyProject } from '../../../support/toy-project.js';
import { writeFiles } from '../../../support/temporary.js';
import { expect } from 'chai';
import type { DatasetRow } from '../../../../core/index.js';
import { Recorded } from '../../../../plugins/scorers/recorded.js';
import { createInstance } from '../../../support/instance.js';

const ROW: DatasetRow = {
  id: 'a',
  prompt: 'What is 6 times 7?',
  reference: '42',
  domain: 'numbers',
};

describe('recorded', () => {
  it('accepts grades in the scale of the dataset', async () => {
    const lines = [
      [7, 9],
      [3, 8],
      [9, 8],
    ]
      .map(([small, large], i) => `${JSON.stringify({ prompt: `Rate ${i}`, small, large })}\n`)
      .join('');
    await inToyProject(
      async ({ folder }) => {
        await writeFiles(folder, { 'rated.jsonl': lines });
        const [set] = (await makePlan(await openProject({ cwd: folder, env: {} }))).sets;
        expect([set?.scorers.map(({ name }) => name), set?.definition.scale]).to.deep.equal([
          ['recorded'],
          [0, 10],
        ]);
      },
      {
        models: {
          weak: { use: 'recorded', options: { model: 'small' } },
          strong: { use: 'recorded', options: { model: 'large' } },
        },
        datasets: {
          inDomain: [
            {
              use: 'jsonl',
              as: 'rated',
              options: {
                file: 'rated.jsonl',
                recorded: { small: { grade: 'small' }, large: { grade: 'large' } },
                scorer: 'recorded',
                scale: [0, 10],
                label: 'at-least-strong',
                licence: 'MIT',
              },
            },
          ],
        },
        routers: ['prompt-length'],
      },
    );
  });

  it('returns the recorded grade whatever the text is, and null with the reason if there is none', () => {
    const scorer = createInstance('scorer', Recorded);
    const grade = (answer: object): unknown =>
      scorer.grade(ROW, answer as never, undefined as never);
    expect(grade({ text: '41', recordedGrade: 0.25 })).to.deep.equal({ value: 0.25 });
    expect(grade({ text: '', recordedGrade: 1 })).to.deep.equal({ value: 1 });
    expect(grade({ text: '42', recordedGrade: null })).to.deep.equal({
      value: null,
      reason: 'recorded without a grade',
    });
    expect(grade({ text: '42' })).to.deep.equal({
      value: null,
      reason: 'the answer came without a recorded grade',
    });
  });
});

import { join } from 'node:path';
import { expect } from 'chai';
import { makePlan } from '../../../pipeline/plan.js';
import { openProject } from '../../../pipeline/project.js';
import { writeClassifier } from '../../support/onnx-writer.js';
import { inToyProject } from '../../support/toy-project.js';
import { TOY } from '../../support/finetune-toy.js';
import { rejection } from '../../support/temporary.js';

const CLASSIFIER = {
  weight: (token: number, type: number): number => (token % 5) * (type - 0.5),
  classes: 2,
  bias: [0.1, -0.1],
};

describe('a plan with a fine-tuned classifier', () => {
  const planned = async (trainedOn: readonly object[] | undefined): Promise<string> =>
    await inToyProject(async ({ folder }) => {
      await writeClassifier(join(folder, 'tuned'), {
        ...CLASSIFIER,
        ...(trainedOn === undefined ? {} : { trainedOn }),
      });
      const plan = makePlan(await openProject({ cwd: folder, env: {} }));
      return await plan.then(
        async ({ models }) => {
          await Promise.all([...models.values()].map(({ model }) => model.close?.()));
          return 'planned';
        },
        (error: { readonly code: string }) => error.code,
      );
    }, TOY);

  it('takes one that was trained on the training split of an in-domain set, or that says nothing', async () => {
    expect(await planned([{ dataset: 'toy-near', split: 'train', prompts: 'a' }])).to.equal(
      'planned',
    );
    expect(await planned(undefined)).to.equal('planned');
  });

  it('refuses one that has seen a test split, or an out-of-domain set at all', async () => {
    expect(await planned([{ dataset: 'toy-near', split: 'test', prompts: 'a' }])).to.equal(
      'RXB6308',
    );
    expect(
      await planned([
        { dataset: 'toy-near', split: 'train', prompts: 'a' },
        { dataset: 'toy-far', split: 'train', prompts: 'b' },
      ]),
    ).to.equal('RXB6308');
  });

  it('refuses a model that has no head', async () => {
    await inToyProject(
      async ({ folder }) =>
        expect(
          await rejection(makePlan(await openProject({ cwd: folder, env: {} }))),
        ).to.have.property('code', 'RXB4002'),
      {
        ...TOY,
        models: {
          ...TOY.models,
          classifier: {
            use: 'onnx',
            options: { folder: join(process.cwd(), 'models/tiny/encoder') },
          },
        },
      },
    );
  });
});

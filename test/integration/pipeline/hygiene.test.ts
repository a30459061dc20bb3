import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { makePlan } from '../../../pipeline/plan.js';
import { openProject } from '../../../pipeline/project.js';
import {
  computeFingerprint,
  QuestionIndex,
  type Likeness,
} from '../../../pipeline/protocol/overlap.js';
import { normalised } from '../../../pipeline/protocol/normalise.js';
import { inToyProject } from '../../support/toy-project.js';
import { writeFiles } from '../../support/temporary.js';

const STORY =
  'A baker in a small town by the sea sells twelve loaves every morning and seven more after lunch, and on market days a friend brings her flour from the mill up the hill. How many loaves does she sell';

/**
 * A planted leak: five of eight fit questions are test questions, one of them word by word, one but
 * for its spelling, one but for a few words.
 */
const TEST = [
  `${STORY} in 3 days?`,
  'What is 12.5 + 7?',
  'Which river crosses Cairo?',
  'Name a prime number.',
];
const TRAIN = [
  'Which river crosses Cairo?',
  '  which RIVER crosses "Cairo" ',
  `${STORY} all in all in 3 days?`,
  `${STORY} in 4 days?`,
  'What is 125 + 7?',
  'What is 12.5 - 7?',
  'Name a prime number',
  'Name a number.',
];
const lines = (split: string, prompts: readonly string[]): string =>
  prompts
    .map(
      (prompt, i) => `${JSON.stringify({ id: `${split}-${i}`, prompt, small: i % 2, large: 1 })}\n`,
    )
    .join('');

const options = (files: object): object => ({
  ...files,
  fields: { id: 'id' },
  recorded: { small: { grade: 'small' }, large: { grade: 'large' } },
  scorer: 'recorded',
  licence: 'MIT',
});
const LEAKY = {
  inDomain: [
    {
      use: 'jsonl',
      as: 'leaky',
      options: options({ splits: { train: 'train.jsonl', test: 'test.jsonl' } }),
    },
  ],
  outOfDomain: [{ use: 'jsonl', as: 'far', options: options({ file: 'far.jsonl' }) }],
};

const FITTED = `
import { router } from 'routerxbench';
export class Learner {
  score = () => 0;
  fit = async () => ({ tensors: {}, meta: {} });
  restore = () => {};
}
router({ name: 'toy-learner', summary: 'Learns nothing', needs: [] })(Learner);
`;

describe('questions in two splits', () => {
  const likeness = (test: string, train: string): Likeness | undefined => {
    const index = new QuestionIndex(0.8);
    index.add('t', computeFingerprint(test));
    return index.find(computeFingerprint(train))?.likeness;
  };

  it('are found as they are, normalised and nearly; other numbers or signs make another question', () => {
    expect(
      TRAIN.map((train) =>
        TEST.map((test) => likeness(test, train)).find((one) => one !== undefined),
      ),
    ).to.deep.equal([
      'exact',
      'normalised',
      'near',
      undefined,
      undefined,
      undefined,
      'normalised',
      undefined,
    ]);
    expect(normalised('Größe  (Ü): «3,5 km»?')).to.equal('große u 3,5 km');
  });

  it('are left out of fitting, counted and stored; the option says which', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, {
          'train.jsonl': lines('train', TRAIN),
          'test.jsonl': lines('test', TEST),
          'far.jsonl': lines('far', ['Name a number.', 'Which river crosses Cairo?']),
          'toy-plugins/learner.js': FITTED,
        });
        const fitRows = async (drop: string): Promise<number | undefined> => {
          await writeFiles(folder, { 'harness.config.json': config(drop) });
          const plan = await makePlan(await openProject({ cwd: folder, env: {} }));
          return plan.sets[0]?.fit?.rows;
        };
        const rows = [
          await fitRows('none'),
          await fitRows('exact'),
          await fitRows('normalised'),
          await fitRows('near'),
        ];
        // "Name a number." is a question of the other test set, word by word
        expect(rows).to.deep.equal([8, 6, 4, 3]);
        const checked = await rxb('prepare', '--check', '--json');
        expect(checked.exitCode, checked.stderr).to.equal(0);
        const { overlap } = JSON.parse(checked.stdout) as { readonly overlap: readonly object[] };
        expect(overlap.map((one) => ({ ...one, examples: [] }))).to.deep.equal([
          {
            from: 'leaky/train',
            in: 'leaky/test',
            exact: 1,
            normalised: 2,
            near: 1,
            examples: [],
            exactIn: 1,
            dropped: 4,
          },
          {
            from: 'leaky/train',
            in: 'far/test',
            exact: 2,
            normalised: 1,
            near: 0,
            examples: [],
            exactIn: 2,
            dropped: 3,
          },
          {
            from: 'leaky/test',
            in: 'far/test',
            exact: 1,
            normalised: 0,
            near: 0,
            examples: [],
            exactIn: 1,
            dropped: null,
          },
        ]);
        const prepared = await rxb('prepare', '--quiet', '--only', 'answers');
        expect(prepared.exitCode, prepared.stderr).to.equal(0);
        expect(prepared.stdout).to.contain(
          'leaky/train: 4 questions are in leaky/test too (1 exactly, 2 normalised, 1 nearly; such as train-0 = test-2); 4 are left out of fitting',
        );
        expect(
          JSON.parse(await readFile(join(folder, 'results/runs/toy/overlap.json'), 'utf8')),
        ).to.deep.equal({ schema: 1, shared: overlap });
      },
      { datasets: LEAKY },
    );
  });
});

const config = (drop: string): string =>
  JSON.stringify({
    name: 'toy',
    plugins: ['./toy-plugins', './toy-plugins/learner.js'],
    isolation: { inProcess: ['all'] }, // what holds strangers' routers is the matter of other tests
    models: {
      weak: { use: 'recorded', options: { model: 'small' } },
      strong: { use: 'recorded', options: { model: 'large' } },
    },
    datasets: LEAKY,
    routers: ['toy-learner'],
    // all of them: what is left out is no mistake
    protocol: { fitRows: TRAIN.length, overlap: { drop } },
  });

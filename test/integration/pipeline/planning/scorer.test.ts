import { expect } from 'chai';
import { makePlan } from '../../../../pipeline/plan.js';
import { openProject } from '../../../../pipeline/project.js';
import { keepWarnings } from '../../../support/stage-plan.js';
import { rejection, writeFiles } from '../../../support/temporary.js';
import { inToyProject } from '../../../support/toy-project.js';

describe('the scorers of a plan', () => {
  it('include a verifier that a dataset names itself only where the config has its model', async () => {
    const plugin = `
import { dataset } from 'routerxbench';
export class Sums { *read() { yield { id: 'one', prompt: '1 + 1?', reference: '2', domain: 'sums' }; } }
dataset({ name: 'sums', summary: 'Sums', splits: ['test'], licence: 'CC0-1.0', source: { text: 'made here' }, scorer: ['math', 'xverify'], scale: [0, 1], label: 'correct' })(Sums);
`;
    const planned = async (
      models: object,
      datasets: object,
    ): Promise<readonly string[] | undefined> =>
      await inToyProject(
        async ({ folder }) => {
          await writeFiles(folder, { 'toy-plugins/sums.js': plugin });
          return (await makePlan(await openProject({ cwd: folder, env: {} }))).sets[0]?.scorers.map(
            ({ name }) => name,
          );
        },
        {
          plugins: ['./toy-plugins', './toy-plugins/sums.js'],
          models: { weak: { use: 'toy-weak' }, strong: { use: 'toy-strong' }, ...models },
          datasets: { inDomain: [datasets] },
          routers: ['prompt-length'],
        },
      );
    const xverify = {
      xverify: { use: 'openai', options: { model: 'xVerify', baseUrl: 'http://127.0.0.1:9/v1' } },
    };
    expect([
      await planned({}, { use: 'sums' }),
      await planned(xverify, { use: 'sums' }),
    ]).to.deep.equal([['math'], ['math', 'xverify']]);
    expect(
      (await rejection(planned({}, { use: 'sums', scorer: ['math', 'xverify'] }))).message,
    ).to.contain('RXB4003');
  });

  it('come with a warning where a model judges its own answers', async () => {
    const scorer = { use: 'xverify', options: { model: 'strong' } };
    const config = { datasets: { inDomain: [{ use: 'toy-near', scorer }] }, limit: 2 };
    await inToyProject(async ({ folder }) => {
      const observer = keepWarnings();
      await makePlan(await openProject({ cwd: folder, env: {}, observer }));
      expect(observer.warnings.join()).to.include(
        'scorer "xverify" asks "strong", which is the strong model',
      );
    }, config);
  });
});

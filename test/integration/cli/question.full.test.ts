import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inToyProject } from '../../support/toy-project.js';

describe('rxb question', () => {
  it('shows answers, grades and confidences of one question; unknown runs and ids are named with the nearest', async () => {
    await inToyProject(async ({ rxb, folder }) => {
      expect((await rxb('run', '--quiet', '--routers', 'toy-sure')).exitCode).to.equal(0);
      const [run] = (await readdir(join(folder, 'results/runs'))) as [string];
      const shown = await rxb('question', run, 'toy-near/test-3');
      expect(shown.exitCode, shown.stderr).to.equal(0);
      expect(shown.stdout)
        .to.match(/^toy-near\/test-3 \(split test, run /)
        .and.to.match(/^weak, grade [01] \(exact\):$/m)
        .and.to.match(/^strong, grade 1 \(exact\):$/m)
        .and.to.match(/^ {2}toy-sure +-0\.1$/m);
      const both = await rxb('question', run, 'test-3', '--json');
      const views = JSON.parse(both.stdout) as readonly {
        readonly dataset: string;
        readonly row: { readonly prompt: string };
      }[];
      expect(views.map(({ dataset }) => dataset)).to.deep.equal(['toy-near', 'toy-far']);
      const noId = await rxb('question', run, 'test-333');
      expect([noId.exitCode, noId.stderr.includes('RXB6009')], noId.stderr).to.deep.equal([
        2,
        true,
      ]);
      expect(noId.stderr).to.include('Did you mean "test-');
      const noRun = await rxb('question', `${run}x`, 'test-3');
      expect([noRun.exitCode, noRun.stderr.includes('RXB6007')], noRun.stderr).to.deep.equal([
        2,
        true,
      ]);
      expect(noRun.stderr).to.include(`Did you mean "${run}"?`);
    });
  });
});

import { expect } from 'chai';
import { openProject } from '../../../pipeline/project.js';
import { makePlan } from '../../../pipeline/plan.js';
import { gateConfig, writeGateProject } from '../../support/gate-project.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const METRIC = `import { defineMetric } from 'routerxbench';
export const Mine = defineMetric(
  { name: 'mine', summary: 's', better: 'higher', range: [0, 1], needs: 'confidence' },
  () => ({ measure: () => ({ value: 1 }) }),
);
`;

/** Why a config of the gate project is refused. */
async function refusal(over: object): Promise<string> {
  return await inTemporaryFolder(async (folder) => {
    await writeGateProject(folder, 1);
    await writeFiles(folder, {
      'mine/package.json':
        '{ "name": "mine", "version": "1.0.0", "type": "module", "harness": { "plugins": "index.js" } }',
      'mine/index.js': METRIC,
      'harness.config.json': gateConfig({ plugins: ['./plugins', './mine'], ...over }),
    });
    const project = await openProject({ cwd: folder, env: {} });
    return (await rejection(makePlan(project))).message;
  });
}

describe('metrics of a plan', () => {
  it('must be known where they rank or are gated; one that is installed but not listed is told', async () => {
    const gate = { metrics: { aurok: { margin: 0.1 } } };
    expect(await refusal({ gate })).to.match(/RXB2107 .*"aurok".*Did you mean "auroc"/s);
    const rankBy = { metric: 'mine', column: 'ID AVG' };
    expect(await refusal({ protocol: { rankBy } })).to.match(
      /RXB2107 .*"mine".*add it to `metrics` in the config/s,
    );
  });

  it('rank on a column of the leaderboard', async () => {
    const rankBy = { metric: 'auroc', column: 'OOD AVG' };
    expect(await refusal({ protocol: { rankBy } })).to.match(
      /RXB1003 .*there is no column "OOD AVG"; the columns are gate-sums, ID AVG/s,
    );
  });
});

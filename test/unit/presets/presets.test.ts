import { expect } from 'chai';
import { loadConfig } from '../../../pipeline/config/load-config.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../support/temporary.js';

const OWN = { models: { weak: { use: 'a' }, strong: { use: 'b' } }, routers: ['entropy'] };
const load = async (folder: string): ReturnType<typeof loadConfig> =>
  await loadConfig({ cwd: folder, env: {} });

describe('a config that extends another', () => {
  it('has the protocol of the paper, with its own members over it', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.json': JSON.stringify({
          ...OWN,
          extends: 'routerxbench/presets/paper',
          protocol: { fitRows: 100 },
        }),
      });
      const { config, sources } = await load(folder);
      expect(config.protocol).to.deep.include({
        fitRows: 100,
        seed: 42,
        validationShare: 0.2,
        lowBand: [0.25, 0.3],
        recoveryBand: [0.85, 0.95],
      });
      const names = config.datasets.inDomain.map((entry) =>
        typeof entry === 'string' ? entry : entry.use,
      );
      expect(names).to.deep.equal(['alpaca-5k', 'big-math-5k', 'mmlu']);
      const groups = config.datasets.outOfDomain.map((entry) =>
        typeof entry === 'string' ? undefined : entry.group,
      );
      expect(
        ['STEM', 'Humanities', 'Social Sciences', 'Others'].map(
          (group) => groups.filter((one) => one === group).length,
        ),
      ).to.deep.equal([6, 2, 3, 3]);
      expect(groups).to.have.length(16);
      const getSource = (path: string): string | undefined =>
        sources.find((one) => one.path === path)?.source;
      expect([
        getSource('protocol.fitRows'),
        getSource('protocol.seed'),
        getSource('protocol.nullTolerance'),
      ]).to.deep.equal(['harness.config.json', 'routerxbench/presets/paper', 'default']);
    });
  });

  it('can be the options of the original: nothing is searched', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.json': JSON.stringify({
          ...OWN,
          extends: 'routerxbench/presets/upstream',
          datasets: { inDomain: ['mmlu'] },
        }),
      });
      expect((await load(folder)).config.protocol.search).to.equal(1);
    });
  });

  it('may stand on a file that stands on a preset; a list is replaced whole', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.json': JSON.stringify({
          ...OWN,
          extends: './base.cjs',
          datasets: { outOfDomain: ['math'] },
        }),
        'base.cjs': `module.exports = { extends: 'routerxbench/presets/paper', name: 'mine' };`,
      });
      const { config } = await load(folder);
      expect(config.name).to.equal('mine');
      expect(config.datasets.outOfDomain).to.deep.equal(['math']);
      expect(config.datasets.inDomain).to.have.length(3);
    });
  });

  it('is refused where the other cannot be found, or is itself', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const name of [
        'routerxbench/presets/none',
        './none.cjs',
        'no-such-package',
        './loop.cjs',
      ]) {
        await writeFiles(folder, {
          'harness.config.json': JSON.stringify({ ...OWN, extends: name }),
          'loop.cjs': `module.exports = { extends: './loop.cjs' };`,
        });
        expect((await rejection(load(folder))).code, name).to.equal('RXB3109');
      }
    });
  });
});

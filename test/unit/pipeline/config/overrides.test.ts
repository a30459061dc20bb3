import { expect } from 'chai';
import { getSource, mergeLayers } from '../../../../pipeline/config/layers.js';
import { buildOverrideLayers } from '../../../../pipeline/config/overrides.js';
import { formatPath, listLeaves } from '../../../../pipeline/config/paths.js';

const FILE = {
  name: 'harness.config.ts',
  values: {
    models: { weak: { use: 'recorded', options: { model: 'old', price: 1 } } },
    routers: ['entropy', 'knn'],
  },
};

describe('config layers', () => {
  it('merge objects and replace lists', () => {
    const upper = { name: 'upper', values: { models: { strong: 1 }, routers: ['random'] } };
    expect(mergeLayers([FILE, upper])).to.deep.equal({
      models: { weak: FILE.values.models.weak, strong: 1 },
      routers: ['random'],
    });
    expect(FILE.values.routers).to.deep.equal(['entropy', 'knn']);
  });

  it('name the uppermost layer that has a value', () => {
    const { layers } = buildOverrideLayers({ trust: ['acme'] }, { RXB_TRUST: 'other' });
    const all = [FILE, ...layers];
    const sources = listLeaves(mergeLayers(all)).map(({ path }) => [
      formatPath(path),
      getSource(all, path),
    ]);
    expect(sources).to.deep.equal([
      ['models.weak.use', 'harness.config.ts'],
      ['models.weak.options.model', 'harness.config.ts'],
      ['models.weak.options.price', 'harness.config.ts'],
      ['routers[0]', 'harness.config.ts'],
      ['routers[1]', 'harness.config.ts'],
      ['isolation.trust[0]', 'flag --trust'],
    ]);
    expect(getSource(all, ['limit'])).to.equal('default');
  });

  it('let recorded models replace all options of a model', () => {
    const { layers } = buildOverrideLayers({ recorded: { weak: 'a', strong: 'b' } }, {});
    const merged = mergeLayers([FILE, ...layers]);
    expect(merged['models']).to.deep.equal({
      weak: { use: 'recorded', options: { model: 'a' } },
      strong: { options: { model: 'b' } },
    });
    expect(getSource([FILE, ...layers], ['models', 'weak', 'options', 'model'])).to.equal(
      'rxb pairs',
    );
  });

  it('read lists and switches from the environment', () => {
    const env = { RXB_TRUST: 'a, b', RXB_OFFLINE: 'no', RXB_PERTURB: '1', RXB_NAME: '' };
    const { layers, mistakes } = buildOverrideLayers({}, env);
    expect(mistakes).to.deep.equal([]);
    expect(mergeLayers(layers)).to.deep.equal({
      offline: false,
      perturbations: { on: true },
      isolation: { trust: ['a', 'b'] },
    });
  });
});

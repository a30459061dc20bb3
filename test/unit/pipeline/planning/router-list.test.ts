import { expect } from 'chai';
import {
  expandRouter,
  selectRouters,
  type ListedRouter,
} from '../../../../pipeline/planning/router-list.js';
import { builtIns } from '../../../support/built-ins.js';
import type { ConfigEntry } from '../../../../pipeline/planning/named-entry.js';

const registry = await builtIns();
const expand = (entry: ConfigEntry): readonly ListedRouter[] =>
  expandRouter(registry, entry, 'routers[0]', 'harness.config.ts:1');
const names = (entries: readonly ListedRouter[]): readonly string[] =>
  entries.map(({ name }) => name);
const selected = (
  listed: readonly ConfigEntry[],
  ...wanted: readonly string[]
): readonly ListedRouter[] => selectRouters(registry, listed.flatMap(expand), wanted);

describe('names of routers', () => {
  it('every name of the Python original is one of ours', () => {
    const upstream = [
      'self_questioning',
      'semantic_entropy',
      'max_logits',
      'top10_variance',
      'entropy',
      'confidence_margin',
      'logits_margin',
      'coe',
      'embedding_mlp',
      'llm',
    ];
    for (const name of upstream)
      expect(names(expand(name)), name).to.deep.equal([name.replaceAll('_', '-')]);
    const types = [
      'mean',
      'max',
      'hs_last_mlp',
      'hs_mlp',
      'coe_dual_mlp',
      'coe_c_scalar',
      'coe_r_scalar',
      'pca_conv',
      'dynamic_softmax',
      'dynamic_dirichlet',
    ];
    for (const type of types)
      expect(names(expand({ use: 'probe', options: { probe_type: type } }))[0], type).to.equal(
        `probe-${type.replace('_scalar', '').replaceAll('_', '-')}`,
      );
  });

  it('a batch is all of its routers, with the options of the entry', () => {
    expect(names(expand('self_based'))).to.deep.equal(['self-questioning', 'semantic-entropy']);
    expect(names(expand('logits_based_routers'))).to.deep.equal([
      'coe',
      'confidence-margin',
      'entropy',
      'max-logits',
      'top10-variance',
    ]);
    expect(
      expand({ use: 'self_based', options: { maxTokens: 8 } }).map(({ options }) => options),
    ).to.deep.equal([{ maxTokens: 8 }, { maxTokens: 8 }]);
    expect(() => expand({ use: 'self_based', as: 'mine' })).to.throw(
      /RXB6203 .*harness\.config\.ts:1.*self-questioning, semantic-entropy/,
    );
  });

  it('probe is the probe that probe_type names, with the other options', () => {
    expect(
      expand({ use: 'probe', as: 'wide', options: { probe_type: 'mean', hidden: [64] } }),
    ).to.deep.equal([
      {
        name: 'wide',
        use: 'probe-mean',
        plugin: 'probe-mean',
        written: 'probe',
        options: { hidden: [64] },
        path: 'routers[0]',
        location: 'harness.config.ts:1',
      },
    ]);
    expect(() => expand('probe')).to.throw(/RXB6201 .*probe_type.*probe-mean/);
    expect(() => expand({ use: 'probe', options: { probe_type: 'hs_mpl' } })).to.throw(
      /RXB6202 .*Did you mean "hs_mlp"/,
    );
  });

  it('--routers takes them all, with the options that the config gives, each once', () => {
    const config = [
      { use: 'semantic_entropy', options: { n: 7 } },
      'logits_based_routers',
      { use: 'probe', options: { probe_type: 'max', epochs: 2 } },
    ];
    expect(
      selected(config, 'self_based').map(({ name, options }) => [name, options]),
    ).to.deep.equal([
      ['self-questioning', {}],
      ['semantic-entropy', { n: 7 }],
    ]);
    expect(selected(config, 'semantic-entropy', 'self_based', 'semantic_entropy')).to.have.length(
      2,
    );
    expect(selected(config, 'probe').map(({ name, options }) => [name, options])).to.deep.equal([
      ['probe-max', { epochs: 2 }],
    ]);
    expect(names(selected(config, 'probe:mean', 'max_logits'))).to.deep.equal([
      'probe-mean',
      'max-logits',
    ]);
    expect(names(selected([{ use: 'max_logits', as: 'mine' }], 'max-logits'))).to.deep.equal([
      'mine',
    ]);
    expect(() => selected([], 'probe')).to.throw(/RXB6201/);
    // reported where the plugin is made
    expect(names(selected([], 'no-such-router'))).to.deep.equal(['no-such-router']);
  });

  it('an unknown name is guessed among batches and families too', () => {
    expect(() => registry.find('router', 'self_base')).to.throw(/Did you mean "self_based"/);
    expect(() => registry.find('router', 'logits_based')).to.throw(
      /Did you mean "logits_based_routers"/,
    );
  });
});

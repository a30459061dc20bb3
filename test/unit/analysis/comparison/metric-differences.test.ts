import { expect } from 'chai';
import type { ComparedRun } from '../../../../analysis/comparison/compared-run.js';
import { listMetricDifferences } from '../../../../analysis/comparison/metric-differences.js';
import type { JsonObject } from '../../../../core/util/json.js';

const KEY = { name: 'mine', metric: 'mine', package: 'p', version: 1, options: {}, code: 'a' };

const run = (...metrics: readonly JsonObject[]): ComparedRun => ({
  label: 'run r',
  kind: 'run',
  run: 'r',
  sets: [{ name: 's', role: 'in-domain', group: null, provenance: { metrics } }],
  cells: [],
  rows: () => Promise.resolve(null),
});

describe('metrics of two runs', () => {
  it('differ in version, options, code or origin, and are the same under the same key', () => {
    const differences = (other: JsonObject): readonly string[] =>
      listMetricDifferences(run(KEY), run({ ...KEY, ...other }), ['mine'], [{ ...KEY, ...other }]);
    expect(differences({})).to.deep.equal([]);
    expect(differences({ code: 'b' })).to.deep.equal(['the metric mine differs: its code']);
    expect(differences({ version: 2 })[0]).to.contain('version 1 and 2');
    expect(differences({ options: { share: 1 } })[0]).to.contain('options {} and {"share":1}');
    expect(differences({ package: 'q' })[0]).to.contain('mine of p and mine of q');
    const builtIn = listMetricDifferences(run(KEY), run(), ['mine', 'auroc'], []);
    expect(builtIn).to.deep.equal(['the metric mine differs: mine of p and the built-in one']);
  });

  it('that the project has changed since the run have to be measured again', () => {
    const [problem] = listMetricDifferences(run(KEY), run(KEY), ['mine'], [{ ...KEY, code: 'b' }]);
    expect(problem).to.equal('the metric mine has changed since run r: its code; run it again');
  });
});

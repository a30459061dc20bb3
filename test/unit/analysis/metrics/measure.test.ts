import { expect } from 'chai';
import type { Metric, MetricDefinition } from '../../../../core/index.js';
import { measure, measureOne, type LoadedMetric } from '../../../../analysis/metrics/measure.js';
import { measureControl } from '../../../../analysis/metrics/controls.js';
import { DEFAULT_SETTINGS, type ScoredRows } from '../../../../analysis/metrics/types.js';
import { Bootstrap } from '../../../../analysis/statistics/bootstrap.js';
import { METRICS } from '../../../support/metrics.js';
import { simulated } from '../../../support/simulate.js';

const load = (metric: Partial<Metric>, over: Partial<MetricDefinition> = {}): LoadedMetric => ({
  definition: {
    name: 'mine',
    summary: 'A metric of a third party',
    better: 'higher',
    range: [0, 1],
    needs: 'confidence',
    ...over,
  },
  metric: { measure: () => ({ value: 0.5 }), ...metric },
});

const ROWS: ScoredRows = {
  n: 2,
  weak: Float64Array.of(0, 1),
  strong: Float64Array.of(1, 1),
  label: Uint8Array.of(0, 1),
  confidence: Float64Array.of(1, 2),
};
const COST = { weak: Float64Array.of(1, NaN), strong: Float64Array.of(2, 2) };

describe('measuring with metrics of others', () => {
  it('does not call one without what it needs, and says what is missing', () => {
    const never = { measure: () => expect.fail('it is called') };
    const lacks = (over: Partial<MetricDefinition>, rows: ScoredRows): unknown =>
      measureOne(load(never, over), rows, DEFAULT_SETTINGS);
    expect(lacks({ needs: 'probabilities' }, ROWS)).to.deep.equal({
      value: null,
      reason: 'its confidence is not a probability',
    });
    expect(lacks({ needs: 'costs' }, { ...ROWS, cost: COST })).to.deep.equal({
      value: null,
      reason: 'the cost of 1 of 2 rows is not known',
    });
    expect(lacks({}, { ...ROWS, n: 0 })).to.deep.equal({
      value: null,
      reason: 'there are no rows with both grades',
    });
    expect(measure([load(never, { needs: 'costs' })], ROWS, DEFAULT_SETTINGS)).to.deep.equal({});
  });

  it('names the metric that throws or gives no number', () => {
    const broken: readonly Metric['measure'][] = [
      () => ({ value: NaN }),
      () => {
        throw new Error('no idea');
      },
    ];
    for (const own of broken)
      expect(() => measureOne(load({ measure: own }), ROWS, DEFAULT_SETTINGS))
        .to.throw()
        .with.property('kind', 'brokenPluginContract');
  });

  it('gives a random control what the definition says, and decisions to those who judge them', () => {
    const metrics = [
      load({}, { name: 'known', random: 0.25 }),
      load({ decided: ({ score }) => ({ value: score }) }, { name: 'judged' }),
    ];
    const rows = { ...ROWS, cost: { weak: Float64Array.of(1, 1), strong: Float64Array.of(2, 2) } };
    const control = (name: 'random' | 'always-strong'): unknown =>
      measureControl(metrics, name, rows, DEFAULT_SETTINGS).metrics;
    expect(control('random')).to.deep.equal({ known: { value: 0.25 }, judged: { value: 0.5 } });
    expect(control('always-strong')).to.deep.equal({
      known: { value: null, reason: 'always-strong is one point, it orders nothing' },
      judged: { value: 1 },
    });
  });
});

describe('a bootstrap of metrics without a walk', () => {
  it('repeats rows, which gives the numbers of the walk', () => {
    const { shared, confidences } = simulated('walk', 80, [1]);
    const walked = METRICS.filter(({ definition }) =>
      ['auroc', 'lpm-exact', 'cpt50', 'brier'].includes(definition.name),
    );
    const repeated = walked.map(({ definition, metric }): LoadedMetric => ({
      definition,
      metric: { measure: (rows, settings) => metric.measure(rows, settings) },
    }));
    const [values, others] = [walked, repeated].map(
      (metrics) =>
        new Bootstrap(
          metrics,
          shared,
          [{ confidences, calibrated: true }],
          DEFAULT_SETTINGS,
        ).resample({ seed: 's', from: 0, to: 30 })[0] as Float32Array,
    ) as [Float32Array, Float32Array];
    expect(values).to.have.length(30 * walked.length);
    values.forEach((value, i) => expect(others[i]).to.be.closeTo(value, 1e-5));
  });
});

import { expect } from 'chai';
import { findSuspiciousRouters } from '../../../analysis/suspicious-routers.js';
import type { RouterResult } from '../../../storage/results/types.js';

type Curve = readonly (readonly [number, number])[];
const line: Curve = [0, 0.5, 1].map((rate) => [rate, 0.4 + 0.3 * rate] as const);
const bent: Curve = [
  [0, 0.4],
  [0.5, 0.65],
  [1, 0.7],
];

const result = (
  router: string,
  dataset: string,
  value: number,
  ci?: readonly [number, number],
  curve: Curve = bent,
): RouterResult =>
  ({
    router,
    dataset,
    plugin: router === 'random' ? null : router,
    rows: { total: 100, scored: 100, nullWeak: 0, nullStrong: 0, nullConfidence: 0 },
    metrics: { auroc: { value, ...(ci === undefined ? {} : { ci }) } },
    curve,
  }) as unknown as RouterResult;

describe('routers that look wrong', () => {
  it('are those that are turned round, constant, or like a random one on every set', () => {
    expect(
      findSuspiciousRouters([
        result('good', 'a', 0.8, [0.7, 0.9]),
        result('good', 'b', 0.52, [0.45, 0.6]),
        result('turned', 'a', 0.2, [0.1, 0.3]),
        result('turned', 'b', 0.45, [0.4, 0.6]),
        result('flat', 'a', 0.5, undefined, line),
        result('noise', 'a', 0.52, [0.45, 0.6]),
        result('noise', 'b', 0.48, [0.4, 0.55]),
        result('random', 'a', 0.5, [0.4, 0.6]),
      ]),
    ).to.deep.equal([
      'turned orders queries the wrong way round on a (auroc 0.200): a high confidence must mean that the weak model is enough.',
      'flat has the same confidence for every query of a (auroc 0.500).',
      'noise cannot be told from a random router on a (auroc 0.520), b (auroc 0.480).',
    ]);
  });

  it('are named by the value alone where there is no interval, if the rows are many', () => {
    expect(findSuspiciousRouters([result('turned', 'a', 0.3)])).to.have.length(1);
    expect(findSuspiciousRouters([result('so-so', 'a', 0.45)])).to.deep.equal([]);
    const few = { ...result('few', 'a', 0), rows: { scored: 2 } } as unknown as RouterResult;
    expect(findSuspiciousRouters([few])).to.deep.equal([]);
  });
});

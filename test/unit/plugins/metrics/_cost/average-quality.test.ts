import { expect } from 'chai';
import fc from 'fast-check';
import { AverageQuality } from '../../../../../plugins/metrics/_cost/average-quality.js';

type Point = readonly [cost: number, score: number];

/**
 * The height of the non-decreasing hull at a cost: the best of all points that are no dearer and of
 * all lines between two points.
 */
const height = (points: readonly Point[], x: number): number => {
  let best = -Infinity;
  for (const [ax, ay] of points) {
    if (ax > x) continue;
    best = Math.max(best, ay);
    for (const [bx, by] of points)
      if (bx > x) best = Math.max(best, ay + ((by - ay) * (x - ax)) / (bx - ax));
  }
  return best;
};

const byHand = (points: readonly Point[]): number => {
  const ends = [points[0]?.[0] as number, points.at(-1)?.[0] as number];
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  const stops = [...new Set(points.map(([x]) => x))]
    .filter((x) => x >= from && x <= to)
    .sort((a, b) => a - b);
  let area = 0;
  for (let i = 1; i < stops.length; i++) {
    const [a, b] = [stops[i - 1] as number, stops[i] as number];
    area += ((height(points, a) + height(points, b)) / 2) * (b - a);
  }
  return area / (to - from);
};

describe('the average quality over a range of costs', () => {
  const measured = (points: readonly Point[]): number =>
    new AverageQuality(points.length).compute(
      Float64Array.from(points, ([x]) => x),
      Float64Array.from(points, ([, y]) => y),
      points.length,
    );
  const coordinate = fc.integer({ min: 0, max: 40 });
  const same = (points: readonly Point[]): void => {
    if (points[0]?.[0] === points.at(-1)?.[0]) expect(measured(points)).to.satisfy(Number.isNaN);
    else expect(measured(points)).to.be.closeTo(byHand(points), 1e-9);
  };

  it('is that of the best line under any mixture of points, in whatever order they come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 2, maxLength: 70 }),
        same,
      ),
      { numRuns: 60 },
    );
  });

  it('… and where costs rise or fall all along', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate), { minLength: 2, maxLength: 70 }),
        fc.boolean(),
        (points, falling) => {
          const sorted = [...points].sort((a, b) => a[0] - b[0]);
          same(falling ? sorted.reverse() : sorted);
        },
      ),
      { numRuns: 60 },
    );
  });
});

import { expect } from 'chai';
import type { Logits, Router } from '../../../../core/index.js';
import { ConfidenceMargin } from '../../../../plugins/routers/confidence-margin.js';
import { Entropy } from '../../../../plugins/routers/entropy.js';
import { LogitsMargin } from '../../../../plugins/routers/logits-margin.js';
import { MaxLogits } from '../../../../plugins/routers/max-logits.js';
import { Top10Variance } from '../../../../plugins/routers/top10-variance.js';
import { golden, sigmoid } from '../../../support/golden.js';
import { createInstance } from '../../../support/instance.js';

interface Golden {
  readonly cases: readonly (Readonly<
    Record<
      'max_logits' | 'top10_variance' | 'entropy' | 'confidence_margin' | 'logits_margin',
      number
    >
  > & { readonly logits: readonly number[] })[];
}

const computeScore = (
  router: Router<{ logits: Logits }>,
  logits: Float32Array,
): number | null | undefined => router.score?.({ query: { text: 'q' }, signals: { logits } });
const same = (x: number): number => x;

describe('logits routers', () => {
  const routers = [
    ['max_logits', MaxLogits, sigmoid],
    ['top10_variance', Top10Variance, Math.exp],
    ['entropy', Entropy, same],
    ['confidence_margin', ConfidenceMargin, same],
    ['logits_margin', LogitsMargin, sigmoid],
  ] as const;
  for (const [name, plugin, squash] of routers) {
    it(`${name} agrees with upstream to 1e-5 after its squashing`, async () => {
      const { cases } = await golden<Golden>('logits-routers.json');
      const router = createInstance('router', plugin) as unknown as Router<{ logits: Logits }>;
      expect(cases.length).to.be.greaterThan(10);
      for (const one of cases)
        expect(squash(computeScore(router, Float32Array.from(one.logits)) as number)).to.be.closeTo(
          one[name],
          1e-5,
        );
    });
  }

  it('max_logits separates values that are equal after a float32 sigmoid', () => {
    const router = createInstance('router', MaxLogits) as unknown as Router<{ logits: Logits }>;
    expect(computeScore(router, Float32Array.of(20, 1))).to.be.lessThan(
      computeScore(router, Float32Array.of(21, 1)) as number,
    );
  });

  it('stay finite on huge, constant and tiny logits, and return null for a vocabulary of one', () => {
    for (const [, plugin] of routers) {
      const router = createInstance('router', plugin) as unknown as Router<{ logits: Logits }>;
      for (const logits of [
        Float32Array.of(1e30, -1e30),
        new Float32Array(50),
        Float32Array.of(1e-30, 2e-30),
      ])
        expect(computeScore(router, logits)).to.satisfy(Number.isFinite);
    }
    for (const plugin of [Top10Variance, Entropy, LogitsMargin])
      expect(
        computeScore(
          createInstance('router', plugin) as unknown as Router<{ logits: Logits }>,
          Float32Array.of(3),
        ),
      ).to.equal(null);
  });
});

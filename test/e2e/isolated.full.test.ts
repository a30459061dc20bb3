import { expect } from 'chai';
import { attack, auroc, BABBLERS, THIEVES, VANDALS } from '../support/hostile.js';

const HELD = { inProcess: ['toy-plugins'], scoreSeconds: 30, memoryMiB: 600 };

describe('hostile routers in separate processes', function () {
  this.timeout(600_000);

  it('reach no label, file, secret, network or other program, and only their own rows fail, with an error code', async () => {
    const harmful = { ...VANDALS, ...BABBLERS };
    await attack(
      [...THIEVES, ...Object.keys(harmful)],
      { isolation: HELD, after: [] },
      async ({ ran, connections, leaderboard, confidences }) => {
        expect(ran.exitCode, ran.stderr).to.equal(2);
        const rows = await leaderboard();
        expect(
          rows.rows
            .filter(({ control }) => !control)
            .map(({ router }) => router)
            .sort(),
        ).to.deep.equal([...THIEVES, 'prompt-length'].sort());
        expect(rows.rows.filter(({ unverifiedReason }) => unverifiedReason !== null)).to.deep.equal(
          [],
        );

        for (const [router, code] of Object.entries(harmful))
          expect(ran.stderr, router).to.match(new RegExp(`${code} .*"${router}"`));
        expect(connections).to.equal(0);
        for (const router of [
          'opens-socket',
          'spawns',
          'reads-secrets',
          'reads-descriptors',
          'looks-for-ids',
          'tells-sets-apart',
        ]) {
          for (const set of ['toy-near', 'toy-far'])
            expect(new Set(await confidences(router, set)), router).to.deep.equal(new Set([0]));
        }
        for (const router of ['reads-artifacts', 'reads-results', 'changes-globals'])
          expect(new Set(await confidences(router, 'toy-near')), router).to.deep.equal(
            new Set([0.5]),
          );
        // 80 rows in an order that it cannot know
        expect(auroc(rows, 'knows-the-order', 'toy-near')).to.be.within(0.2, 0.8);
      },
    );
  });

  it('with a table of the test questions need nothing that a sandbox could block: only reworded queries expose them', async () => {
    await attack(['looks-up'], { isolation: HELD }, async ({ ran, leaderboard }) => {
      expect(ran.exitCode, ran.stderr).to.equal(0);
      const rows = await leaderboard();
      for (const set of ['toy-near', 'toy-far']) expect(auroc(rows, 'looks-up', set)).to.equal(1);
      expect(rows.rows.find(({ router }) => router === 'looks-up')).to.include({
        rank: 1,
        unverifiedReason: null,
      });
    });
  });
});

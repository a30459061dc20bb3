import { expect } from 'chai';
import { attack, auroc, BABBLERS, VANDALS } from '../support/hostile.js';

const OFF = { inProcess: ['all'] };

describe('hostile routers in the harness’s process: why isolation exists', function () {
  this.timeout(900_000);

  it('see grades, secrets, the network, other programs, the order and the dataset', async () => {
    await attack(
      [
        'reads-artifacts',
        'reads-results',
        'opens-socket',
        'spawns',
        'reads-secrets',
        'reads-descriptors',
        'changes-globals',
        'knows-the-order',
        'tells-sets-apart',
        'looks-for-ids',
        'looks-up',
      ],
      { isolation: OFF, after: [] },
      async ({ ran, connections, leaderboard, confidences }) => {
        expect(ran.exitCode, ran.stderr).to.equal(0);
        const rows = await leaderboard();
        for (const [router, set] of [
          ['reads-artifacts', 'toy-far'],
          ['reads-results', 'toy-near'],
          ['reads-results', 'toy-far'],
          ['looks-up', 'toy-near'],
          ['looks-up', 'toy-far'],
          ['changes-globals', 'toy-far'],
          ['knows-the-order', 'toy-near'],
        ] as const)
          expect(auroc(rows, router, set), router).to.equal(1);
        expect(connections).to.be.greaterThan(0);
        for (const router of ['opens-socket', 'spawns', 'reads-secrets', 'reads-descriptors'])
          expect(new Set(await confidences(router, 'toy-far')), router).to.deep.equal(new Set([1]));
        expect(new Set(await confidences('tells-sets-apart', 'toy-far'))).to.deep.equal(
          new Set([1]),
        );
        expect(
          new Set(await confidences('looks-for-ids', 'toy-far')),
          'ids are not visible here either',
        ).to.deep.equal(new Set([0]));
        expect(rows.rows.find(({ router }) => router === 'spawns')?.unverifiedReason).to.contain(
          'inside the harness',
        );
        expect(ran.stdout).to.contain('unverified: rxb-plugin-hostile ran inside the harness');
        expect(
          rows.rows.filter(({ rank }) => rank !== null).map(({ router }) => router),
          'none of them is ranked',
        ).to.deep.equal(['prompt-length']);
      },
    );
  });

  it('stop the run, or disable a check', async () => {
    await attack(['changes-prototypes'], { isolation: OFF }, async ({ ran }) => {
      expect(ran.stderr, 'the check of confidences is off').not.to.contain(
        VANDALS['changes-prototypes'],
      );
    });
    for (const router of [
      'loops',
      'allocates',
      'exits',
      'throws-late',
      'writes-garbage',
      'forges-frames',
    ]) {
      await attack(
        [router],
        { isolation: OFF, seconds: router === 'loops' ? 15 : 120 },
        async ({ ran, leaderboard }) => {
          if (router === 'writes-garbage')
            expect(ran.stdout).to.contain('this is no frame').and.to.contain('prompt-length');
          else if (router === 'forges-frames')
            expect(ran.stdout, 'what it writes into the stream itself is output').to.contain(
              '{"type":"scored","confidences":[1,1,',
            );
          else if (router === 'allocates')
            expect(
              (await leaderboard()).rows.map((row) => row.router),
              'nothing stops 3 GB',
            ).to.contain(router);
          else
            expect(
              await leaderboard().then(
                () => 'a leaderboard',
                () => 'no leaderboard',
              ),
              router,
            ).to.equal(router === 'loops' ? 'no leaderboard' : 'a leaderboard');
        },
      );
    }
  });

  it('that return invalid confidences lose their row here too', async () => {
    await attack(Object.keys(BABBLERS), { isolation: OFF }, async ({ ran, leaderboard }) => {
      expect(ran.exitCode, ran.stderr).to.equal(2);
      for (const [router, code] of Object.entries(BABBLERS))
        expect(ran.stderr, router).to.match(new RegExp(`${code} .*"${router}"`));
      expect(
        (await leaderboard()).rows.filter(({ control }) => !control).map(({ router }) => router),
      ).to.deep.equal(['prompt-length']);
    });
  });
});

import { expect } from 'chai';
import { attack } from '../support/hostile.js';

describe('a third-party router', function () {
  this.timeout(120_000);
  const held = { inProcess: ['toy-plugins'] };

  it('runs in a sandbox: it reads no grade, opens no socket, and only its own row fails', async () => {
    await attack(
      ['reads-artifacts', 'opens-socket', 'exits', 'writes-garbage'],
      { isolation: held },
      async ({ ran, connections, leaderboard, confidences }) => {
        expect(ran.exitCode, ran.stderr).to.equal(2);
        expect(
          (await leaderboard()).rows
            .filter(({ control }) => !control)
            .map(({ router, unverifiedReason }) => [router, unverifiedReason])
            .sort(),
        ).to.deep.equal([
          ['opens-socket', null],
          ['prompt-length', null],
          ['reads-artifacts', null],
        ]);
        expect(ran.stderr)
          .to.match(/RXB2202 .*"exits" of rxb-plugin-hostile .*exit code 0/)
          .and.to.match(/RXB2203 .*"writes-garbage"/);
        expect([
          connections,
          new Set(await confidences('reads-artifacts', 'toy-far')),
        ]).to.deep.equal([0, new Set([0.5])]);
      },
    );
  });

  it('is rejected if no sandbox is available, and marked in its row with --trust', async () => {
    const env = { PATH: '/nowhere' }; // without unshare there is none
    await attack(['spawns'], { isolation: held, env }, async ({ ran }) => {
      expect(ran.exitCode, ran.stderr).to.equal(2);
      expect(ran.stderr).to.include('RXB2201');
      expect(ran.stdout, 'the others have their rows')
        .to.include('prompt-length')
        .and.not.to.include('spawns');
    });
    await attack(
      ['reads-artifacts', 'reads-descriptors'],
      { isolation: held, env, flags: ['--trust', './hostile'] },
      async ({ ran, leaderboard, confidences }) => {
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(
          (await leaderboard()).rows.find(({ router }) => router === 'reads-artifacts')
            ?.unverifiedReason,
        )
          .to.contain('--trust')
          .and.to.contain('network');
        expect(ran.stdout).to.contain('unverified: rxb-plugin-hostile ran with --trust');
        expect(
          new Set(await confidences('reads-artifacts', 'toy-near')),
          'it still cannot read files',
        ).to.deep.equal(new Set([0.5]));
        expect(
          new Set(await confidences('reads-descriptors', 'toy-near')),
          'and gets no descriptor of the harness',
        ).to.deep.equal(new Set([0]));
      },
    );
  });
});

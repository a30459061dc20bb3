import { expect } from 'chai';
import { attack } from '../support/hostile.js';

describe('a stranger’s router', function () {
  this.timeout(120_000);
  const held = { inProcess: ['toy-plugins'] };

  it('runs behind a wall: it reads no grade, opens no socket, and ends nothing but its own row', async () => {
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

  it('is refused where no wall can be built, and with --trust its row says so', async () => {
    const env = { PATH: '/nowhere' }; // without unshare there is none
    await attack(['spawns'], { isolation: held, env }, async ({ ran }) => {
      expect([ran.exitCode, ran.stdout, ran.stderr.includes('RXB2201')], ran.stderr).to.deep.equal([
        2,
        '',
        true,
      ]);
    });
    await attack(
      ['reads-artifacts'],
      { isolation: held, env, flags: ['--trust', 'rxb-plugin-hostile'] },
      async ({ ran, leaderboard, confidences }) => {
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(
          (await leaderboard()).rows.find(({ router }) => router === 'reads-artifacts')
            ?.unverifiedReason,
        )
          .to.contain('--trust')
          .and.to.contain('network');
        expect(ran.stdout).to.contain('self-reported: rxb-plugin-hostile ran with --trust');
        expect(
          new Set(await confidences('reads-artifacts', 'toy-near')),
          'files are still closed to it',
        ).to.deep.equal(new Set([0.5]));
      },
    );
  });
});

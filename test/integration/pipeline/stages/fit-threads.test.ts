import { expect } from 'chai';
import { writeFiles } from '../../../support/temporary.js';
import { fitThreads, ROUTERS } from '../../../support/slow-routers.js';
import { inToyProject, rxbIn } from '../../../support/toy-project.js';

const CONFIG = {
  plugins: ['./toy-plugins', './slow.mjs'],
  routers: ['slow', 'unlucky', 'quitting', 'steady', 'prompt-length'],
};

describe('fits in threads', function () {
  this.timeout(60_000);

  it('a fit that throws or ends its thread costs its own router, by a code; the others are on the board', async () => {
    await inToyProject(async ({ folder, rxb }) => {
      await writeFiles(folder, { 'slow.mjs': ROUTERS });
      const ran = await rxb('run');
      expect(ran.exitCode, ran.stderr).to.equal(2);
      expect(ran.stdout)
        .to.match(/\| slow /)
        .and.to.match(/\| steady /)
        .and.not.to.match(/\| (unlucky|quitting) /);
      expect(ran.stderr)
        .to.contain('RXB6004 Router "unlucky" failed: no luck today')
        .and.to.contain('RXB6004 Router "quitting" failed: its thread ended');
      expect(await fitThreads(folder, 'toy')).to.be.at.least(2);
    }, CONFIG);
  });

  it('Ctrl-C stops them all with 130, and the same command finishes the rest', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, { 'slow.mjs': ROUTERS });
        const stopped = await rxbIn(folder, { interruptAt: 'fit slow seed 3' })('run');
        expect(stopped.exitCode, stopped.stderr).to.equal(130);
        const ran = await rxb('run');
        expect(ran.exitCode, ran.stderr).to.equal(0);
        expect(ran.stderr).not.to.contain('fit slow seed 1');
      },
      { ...CONFIG, routers: ['slow', 'steady'] },
    );
  });
});

import { expect } from 'chai';
import { inToyProject } from '../../support/toy-project.js';
import { writeFiles } from '../../support/temporary.js';

/** A backend that says it has a server, and one that cannot be opened. */
const BACKENDS = {
  'backends/package.json': JSON.stringify({
    name: 'their-backends',
    version: '1.0.0',
    type: 'module',
    harness: { plugins: 'index.js' },
  }),
  'backends/index.js': `
import { model } from 'routerxbench';
const state = (state) => [{ url: 'http://127.0.0.1:1/v1', state, pid: 7 }];
export class Served {
  info = async () => ({ name: 'served', fingerprint: 'served', can: ['generate'] });
  serving = {
    commands: () => ['their-server --port 1'],
    start: async () => state('started'),
    stop: async () => state('stopped'),
  };
}
model({ name: 'their-server', summary: 'A server of somebody else' })(Served);
export class Closed { constructor() { throw new Error('no key'); } }
model({ name: 'their-closed', summary: 'Cannot be opened' })(Closed);
`,
};

describe('rxb serve with a third-party backend', () => {
  it('finds every model that has servers, whatever its backend is called', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, BACKENDS);
        expect((await rxb('serve', '--print')).stdout).to.equal('their-server --port 1');
        const served = await rxb('serve', 'strong');
        expect(served.exitCode, served.stderr).to.equal(0);
        expect(served.stdout).to.match(/^strong {2}http:\/\/127\.0\.0\.1:1\/v1 {2}started/);
        expect((await rxb('stop')).stdout).to.contain('stopped');
      },
      {
        plugins: ['./toy-plugins', './backends'],
        models: { weak: { use: 'toy-weak' }, strong: { use: 'their-server' } },
      },
    );
  });

  it('names the models that have servers where another one is asked for', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, BACKENDS);
        const ran = await rxb('serve', 'weak');
        expect(ran.exitCode).to.equal(2);
        expect(ran.stderr)
          .to.contain('RXB4014')
          .and.to.contain('"weak" (toy-weak)')
          .and.to.contain('Choose from these models: strong.');
      },
      {
        plugins: ['./toy-plugins', './backends'],
        models: {
          weak: { use: 'toy-weak' },
          strong: { use: 'their-server' },
          judge: { use: 'their-closed' },
        },
      },
    );
  });
});

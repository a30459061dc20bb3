import { expect } from 'chai';
import { inToyProject } from '../../../support/toy-project.js';
import { writeFiles } from '../../../support/temporary.js';

/** A model that never answers one question. */
const CHOOSY = `
import { model } from 'routerxbench';
export class Choosy {
  info = async () => ({ name: 'choosy', fingerprint: 'choosy', can: ['generate'] });
  generate = async (prompts, _settings, { advance }) => prompts.map(({ messages }) => {
    advance(1);
    const text = messages.at(-1).content;
    if (text.includes('3 +')) return { ok: false, code: 'RXB4107', message: 'filtered' };
    return { ok: true, value: [{ text, tokenLogprobs: [-text.length], finish: 'stop', promptTokens: 4, completionTokens: 1 }] };
  });
}
model({ name: 'toy-choosy', summary: 'Leaves some out' })(Choosy);
`;

describe('--retry-errors', () => {
  it('asks again once for rows that fail again, and keeps what it then makes from the others', async () => {
    await inToyProject(
      async ({ folder, rxb }) => {
        await writeFiles(folder, { 'toy-plugins/choosy.js': CHOOSY });
        for (const flags of [[], ['--retry-errors'], ['--retry-errors'], []]) {
          const ran = await rxb('run', '--quiet', ...flags);
          expect(ran.exitCode, `${flags.join('')} ${ran.stderr}`).to.equal(0);
          expect(ran.stdout).to.include('avg-logprob');
          expect(ran.stderr).to.include('RXB4107 filtered');
        }
      },
      {
        plugins: ['./toy-plugins', './toy-plugins/choosy.js'],
        models: { weak: { use: 'toy-choosy' }, strong: { use: 'toy-strong' } },
        routers: ['avg-logprob', 'prompt-length'],
        protocol: { nullTolerance: 1, nullConfidenceTolerance: 1 },
      },
    );
  });
});

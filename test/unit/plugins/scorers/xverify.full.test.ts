import { expect } from 'chai';
import { filesAt } from '../../../../storage/files.js';
import { verifierPrompt } from '../../../../plugins/scorers/_xverify/prompt.js';

/**
 * Needs a checkout of IAAR-Shanghai/xVerify: RXB_XVERIFY_DIR names the folder; without one the
 * suite is skipped.
 */
const checkout = process.env['RXB_XVERIFY_DIR'];

(checkout === undefined ? describe.skip : describe)('a checkout of xVerify', () => {
  it('contains the prompt that Python reads from it (hash of commit 5e3606a)', async () => {
    const prompt = await verifierPrompt(
      filesAt('.', { dataDirs: [], cache: 'none', env: {}, offline: true }),
      checkout,
    );
    expect(prompt).to.deep.include({ from: 'checkout', hash: '8d3e35670c072d7813e19fc7' });
    expect(prompt.template).to.have.length(1226);
  });
});

import { expect } from 'chai';
import { buildForms } from '../../../../storage/secrets/forms.js';
import { secretForms } from '../../../support/secret-forms.js';

describe('the forms of a secret', () => {
  it('are found by their short beginning wherever one of the whole forms is', () => {
    for (const key of ['sk-canary/9f8e7d6c+5b4a=Zq', '/=+"\\<&>é ☃', 'abcdefgh'.repeat(20)]) {
      const { beginning, whole } = buildForms(key);
      for (const [name, form] of Object.entries(secretForms(key))) {
        const text = JSON.stringify(`… ${form} …`);
        expect(
          whole.some((expression) => text.search(expression) >= 0),
          `${name}: ${text}`,
        ).to.equal(true);
        expect(beginning.test(text), `${name}: ${text}`).to.equal(true);
      }
    }
  });
});

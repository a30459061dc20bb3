import { expect } from 'chai';
import {
  addSecretsOfConfig,
  addSecretsOfEnvironment,
} from '../../../../storage/secrets/collect.js';
import { forgetSecrets, redact } from '../../../../storage/secrets/redact.js';

describe('the secrets that a process knows', () => {
  afterEach(forgetSecrets);

  it('are tokens for downloads and passwords in addresses of the environment', () => {
    addSecretsOfEnvironment({
      HF_TOKEN: 'hf_canary_123',
      HF_ENDPOINT: 'https://user:pass-canary@mirror',
      https_proxy: 'user:proxy-canary@:::',
      HOME: '/home/some-name',
    });
    expect(redact('hf_canary_123 pass-canary proxy-canary /home/some-name')).to.equal(
      '[secret] [secret] [secret] /home/some-name',
    );
  });

  it('are all variables that a config names, at any depth, and keys in its addresses', () => {
    addSecretsOfConfig(
      {
        models: {
          weak: { options: { apiKey: { env: 'A' }, headers: { 'x-key': { env: 'B' } } } },
          strong: { options: { baseUrl: [{ env: 'C' }, 'http://x/v1?key=plain-canary'] } },
        },
        other: { apiKey: 'refused-canary', headers: { 'X-Api-Key': 'header-canary' } },
        plugins: null,
      },
      {
        A: 'first-canary',
        B: 'Bearer other-canary',
        C: 'http://host/v1?key=third-canary',
        D: 'not-a-secret',
      },
    );
    expect(
      redact(
        'first-canary other-canary third-canary plain-canary refused-canary header-canary not-a-secret http://host/v1',
      ),
    ).to.equal('[secret] [secret] [secret] [secret] [secret] [secret] not-a-secret http://host/v1');
  });
});

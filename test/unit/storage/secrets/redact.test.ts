import { expect } from 'chai';
import fc from 'fast-check';
import {
  addSecret,
  addSecretsOfAddress,
  forgetSecrets,
  hasSecret,
  isRedacted,
  LineRedactor,
  redact,
  showAddress,
} from '../../../../storage/secrets/redact.js';
import { findSecret, secretForms } from '../../../support/secret-forms.js';

const KEY = 'sk-canary/9f8e7d6c+5b4a=Zq';
const ODD = 'p"w\\d%41 é/=&<9';

describe('a text without secrets', () => {
  beforeEach(() => [KEY, ODD].forEach(addSecret));
  afterEach(forgetSecrets);

  for (const key of [KEY, ODD])
    for (const [name, form] of Object.entries(secretForms(key)))
      it(`holds ${JSON.stringify(key)} no more: ${name}`, () => {
        for (const text of [form, JSON.stringify({ a: `x ${form} y` })]) {
          const clean = redact(text);
          expect(clean).to.include('[secret]');
          expect(findSecret(clean, key), clean).to.equal(undefined);
        }
      });

  it('is still JSON where it was', () => {
    const texts = fc.array(
      fc.oneof(
        fc.constantFrom(KEY, ODD, '\\', '"', '\n', '/', 'sk-', ...Object.values(secretForms(ODD))),
        fc.string({ maxLength: 4 }),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(texts, (parts) => {
        const value = { text: parts.join(''), [parts.join('')]: [parts] };
        const clean = redact(JSON.stringify(value));
        expect(() => JSON.parse(clean) as unknown, clean).not.to.throw();
        expect(findSecret(JSON.stringify(JSON.parse(clean)), KEY)).to.equal(undefined);
      }),
    );
  });

  it('is the text itself where it holds none: numbers, ids, hashes and words stay', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes).toString('base64')),
          fc.uint8Array({ maxLength: 999 }).map((bytes) => Buffer.from(bytes).toString('hex')),
          fc.double().map(String),
        ),
        (text) => {
          expect(redact(text)).to.equal(text);
        },
      ),
    );
    expect(redact('sk- canary, skin of a canary / 9')).to.equal('sk- canary, skin of a canary / 9');
  });

  it('is made fast: 20 MB in seconds, with a secret in every line or none', () => {
    const line = `${JSON.stringify({ text: 'The skill is '.repeat(40), at: 0.123456789 })}\n`;
    const without = line.repeat(35_000);
    const each = `${KEY} ${line}`.repeat(5000);
    const started = performance.now();
    expect(redact(without)).to.equal(without);
    expect(findSecret(redact(each), KEY)).to.equal(undefined);
    expect(performance.now() - started).to.be.below(8000);
  });

  it('does not take a short value, a number or a placeholder for a secret', () => {
    for (const value of ['', 'sesame7', '1234567890', '-12.5', 'password', 'not-needed'])
      expect(isRedacted(value), value).to.equal(false);
    expect(isRedacted('sesame-8')).to.equal(true);
  });

  it('removes a secret that is sent as a bearer token, or longer than usual', () => {
    addSecret('Bearer abcdefgh-1234');
    expect(redact('x abcdefgh-1234 y')).to.equal('x [secret] y');
    const long = Array.from({ length: 300 }, (_, i) =>
      String.fromCharCode(97 + ((i * i) % 26)),
    ).join('');
    addSecret(long);
    expect(redact(`x ${long} y`)).to.equal('x [secret] y');
    expect(redact(`x ${Buffer.from(long).toString('base64')} y`)).to.equal('x [secret] y');
  });
});

describe('an address', () => {
  afterEach(forgetSecrets);

  it('has a password, a user without one, and keys in its query', () => {
    for (const address of [
      'https://user:p4ssw0rd!@host/x',
      'https://hf_abcdefgh@host/x',
      'https://host/v1?api-version=1&key=abcdefgh1',
      'https://host/v1?X-Amz-Signature=abcdefgh1',
      'user:p4ssw0rd!@:::',
    ])
      expect(hasSecret(address), address).to.equal(true);
    for (const address of ['https://host/v1?api-version=2024-10-21', 'http://127.0.0.1:80', 'x'])
      expect(hasSecret(address), address).to.equal(false);
  });

  it('is shown without them, and its secrets are removed from texts, decoded or not', () => {
    const address = 'https://user:p4ss%2Fw0rd@host:81/x?key=abcdefgh1#y';
    expect(showAddress(address)).to.equal('https://host:81/x?…');
    expect(showAddress('user:p4ssw0rd!@:::')).to.equal('[secret]');
    addSecretsOfAddress(address);
    expect(redact('p4ss%2Fw0rd, p4ss/w0rd and abcdefgh1')).to.equal(
      '[secret], [secret] and [secret]',
    );
  });
});

describe('a log without secrets', () => {
  beforeEach(() => addSecret(KEY));
  afterEach(forgetSecrets);

  it('passes complete lines on, wherever it is split', () => {
    const text = `loading 10 %\rloading ${KEY}\nno secret\n${KEY}`;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        const filter = new LineRedactor();
        const parts = places.slice(1).map((end, i) => filter.pass(text.slice(places[i], end)));
        expect(parts.join('') + filter.end()).to.equal(
          'loading 10 %\rloading [secret]\nno secret\n[secret]',
        );
      }),
    );
    expect(new LineRedactor().pass('loading 10 %\r')).to.equal('loading 10 %\r');
  });
});

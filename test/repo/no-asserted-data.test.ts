import { expect } from 'chai';
import { ESLint } from 'eslint';

const RULE = 'local/no-asserted-data';

/** The lines that the rule refuses in a file of the product. */
async function findRefused(code: string): Promise<readonly number[]> {
  const [result] = await new ESLint().lintText(code, { filePath: 'storage/example.ts' });
  return (result?.messages ?? []).filter(({ ruleId }) => ruleId === RULE).map(({ line }) => line);
}

describe('the lint rule on parsed data', function () {
  this.timeout(60_000);

  it('refuses a type that is asserted, whatever stands between', async () => {
    const lines = [
      'const a = JSON.parse(text) as Config;',
      'const b: Config = JSON.parse(text);',
      'const c = (await response.json()) as Config;',
      'const d = JSON.parse(text) as unknown as Config;',
      'const e: unknown = JSON.parse(text); use(e as Config);',
      'let f: unknown; f = JSON.parse(text); use(f as Config);',
      'const g = yaml.load(text) as Config;',
      'const h = <Config>JSON.parse(text);',
      'const i = Object(JSON.parse(text)) as Config;',
    ];
    expect(await findRefused(lines.join('\n'))).to.deep.equal(lines.map((_, i) => i + 1));
  });

  it('allows what a schema checks, and values that were not parsed', async () => {
    const lines = [
      'const a: unknown = JSON.parse(text);',
      'const b = Config.parse(JSON.parse(text));',
      'const c = JSON.parse(text) as unknown;',
      'const d = value as Config;',
      'const e = schema.parse(text) as Config;',
      'const f = state.load() as Config;',
    ];
    expect(await findRefused(lines.join('\n'))).to.deep.equal([]);
  });
});

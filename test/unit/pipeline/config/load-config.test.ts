import { expect } from 'chai';
import { join } from 'node:path';
import { loadConfig } from '../../../../pipeline/config/load-config.js';
import { inTemporaryFolder, rejection, writeFiles } from '../../../support/temporary.js';

const GOOD = `export default {
  models: { weak: { use: 'onnx' }, strong: { use: 'onnx' } },
  datasets: { inDomain: ['a'] },
  routers: ['entropy'],
  limit: 7,
};
`;

describe('config', () => {
  it('is found from a folder below, in TypeScript, with every default filled in', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.ts': GOOD.replace('limit: 7', 'limit: 7 as number'),
        'below/empty.txt': '',
      });
      const { config, file } = await loadConfig({ cwd: join(folder, 'below'), env: {} });
      expect(file).to.equal(join(folder, 'harness.config.ts'));
      expect(config.limit).to.equal(7);
      expect(config.protocol.trainingSeeds).to.deep.equal([1, 2, 3]);
      expect(config.protocol.recoveryBand).to.deep.equal([0.85, 0.95]);
    });
  });

  it('lets a flag win over the environment, that over .env, that over the file, that over the default', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': GOOD,
        '.env': 'RXB_LIMIT=8\nRXB_SEED=5\nRXB_NAME=from-dotenv\n',
      });
      const { config, sources } = await loadConfig({
        cwd: folder,
        env: { RXB_SEED: '6' },
        flags: { limit: 9 },
      });
      expect([config.limit, config.protocol.seed, config.name]).to.deep.equal([
        9,
        6,
        'from-dotenv',
      ]);
      const source = (path: string): string | undefined =>
        sources.find((item) => item.path === path)?.source;
      expect(source('limit')).to.equal('flag --limit');
      expect(source('protocol.seed')).to.equal('env RXB_SEED');
      expect(source('routers[0]')).to.equal('harness.config.mjs');
      expect(source('protocol.validationShare')).to.equal('default');
    });
  });

  it('lists every mistake at once, each with its place', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, {
        'harness.config.mjs': GOOD.replace("routers: ['entropy']", 'routers: []').replace(
          'limit: 7',
          'limit: -1,\n  colour: 1',
        ),
      });
      const error = await rejection(loadConfig({ cwd: folder, env: {} }));
      const messages = error.errors?.map((one) => one.message) ?? [];
      expect(messages).to.have.length(3);
      expect(messages.join('\n'))
        .to.match(/RXB1003.*routers/)
        .and.to.match(/harness\.config\.mjs:5 \(limit\)/)
        .and.to.match(/harness\.config\.mjs:6 \(colour\)/);
    });
  });

  it('names a missing, a broken and a wrong file', async () => {
    await inTemporaryFolder(async (folder) => {
      expect((await rejection(loadConfig({ cwd: folder, env: {} }))).code).to.equal('RXB1001');
      await writeFiles(folder, {
        'broken.mjs': 'export default {',
        'list.mjs': 'export default []',
      });
      expect(
        (await rejection(loadConfig({ cwd: folder, configFile: 'broken.mjs', env: {} }))).code,
      ).to.equal('RXB1002');
      expect(
        (await rejection(loadConfig({ cwd: folder, configFile: 'none.mjs', env: {} }))).code,
      ).to.equal('RXB1002');
      expect(
        (await rejection(loadConfig({ cwd: folder, configFile: 'list.mjs', env: {} }))).code,
      ).to.equal('RXB1002');
    });
  });

  it('refuses an environment value that is not a number', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'harness.config.mjs': GOOD });
      const error = await rejection(loadConfig({ cwd: folder, env: { RXB_LIMIT: 'many' } }));
      expect(error.errors?.map(({ code }) => code)).to.deep.equal(['RXB1005']);
    });
  });

  it('says what is expected of a value that may have several forms', async () => {
    await inTemporaryFolder(async (folder) => {
      for (const [wrong, problem] of [
        ["reporters: ['table', 3]", /reporters\[1\]: expected a name or \[name, options\]/],
        ["reporters: [['csv']]", /reporters\[0\]: expected a name or \[name, options\]/],
        ["reporters: [['csv', 'a.csv']]", /reporters\[0\]\[1\]: .*expected record/],
        ['metrics: [3]', /metrics\[0\]: expected a name or \{ use, … \}/],
        ["metrics: [{ use: 'a', optoins: {} }]", /metrics\[0\]\.optoins: Unrecognized key/],
        ['dataDir: 3', /dataDir: Invalid input: expected string or array/],
      ] as const) {
        const name = `${wrong.length}.config.mjs`; // a new one each time: modules are cached
        await writeFiles(folder, { [name]: GOOD.replace('limit: 7', wrong) });
        const error = await rejection(loadConfig({ cwd: folder, configFile: name, env: {} }));
        expect(error.errors?.map(({ code }) => code)).to.deep.equal(['RXB1003']);
        expect(error.message).to.match(problem).and.to.contain(`${name}:5 (`);
      }
    });
  });

  it('names the variable of a bad value of the environment, not a line of the file', async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFiles(folder, { 'harness.config.mjs': GOOD });
      const limit = await rejection(loadConfig({ cwd: folder, env: { RXB_LIMIT: '-3' } }));
      expect(limit.message).to.contain('In env RXB_LIMIT (limit).').and.not.to.contain('.mjs');
      for (const value of ['=x', 'table,', 'csv=', ' , '])
        expect(
          (await rejection(loadConfig({ cwd: folder, env: { RXB_REPORTERS: value } }))).message,
        ).to.match(/^RXB1005 Invalid value .* for RXB_REPORTERS: it must be NAME or NAME=FILE/);
      const env = { RXB_REPORTERS: 'tabel,csv=a=b.csv' };
      const { config, getLocation } = await loadConfig({ cwd: folder, env });
      expect(config.reporters).to.deep.equal(['tabel', ['csv', { file: 'a=b.csv' }]]);
      expect(getLocation('reporters[0]', 'tabel')).to.equal('env RXB_REPORTERS (reporters[0])');
      expect(getLocation('routers[0]', 'entropy')).to.equal('harness.config.mjs:4 (routers[0])');
    });
  });
});

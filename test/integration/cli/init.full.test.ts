import { expect } from 'chai';
import { execa } from 'execa';
import { join } from 'node:path';
import { install } from '../../support/installed.js';
import { inTemporaryFolder, writeFiles } from '../../support/temporary.js';
import { rxbIn } from '../../support/toy-project.js';

describe('rxb init, with the packed package installed', function () {
  this.timeout(600_000);

  it('makes packages of every kind and style that build, pass their contract and are listed; a project with them runs', async () => {
    await inTemporaryFolder(async (folder) => {
      await install(folder);
      const rxb = rxbIn(folder);
      expect((await rxb('init')).exitCode).to.equal(0);
      const names: string[] = [];
      for (const kind of ['router', 'dataset', 'scorer', 'metric', 'reporter']) {
        for (const style of ['define', 'decorators', 'javascript']) {
          const name = `my-${kind}-${style}`;
          names.push(name);
          const made = await rxb('init', kind, name, '--style', style);
          expect(made.exitCode, made.stderr).to.equal(0);
          const own = join(folder, name);
          for (const script of ['lint', 'test']) {
            // test builds
            const ran = await execa('npm', ['run', '--silent', script], {
              cwd: own,
              reject: false,
              all: true,
            });
            expect(ran.exitCode, `${name}: ${script}: ${ran.all}`).to.equal(0);
            if (script === 'test')
              expect(ran.all)
                .to.match(/keeps the contract of/)
                .and.to.match(/fail 0/);
          }
          const listed = await rxbIn(own)('list', `${kind}s`, '--json');
          expect(listed.stdout, listed.stderr)
            .to.contain(`"${name}"`)
            .and.to.contain(`rxb-${kind}-${name}`);
        }
      }
      const routers = names.filter((name) => name.includes('router'));
      const config = {
        name: 'mine',
        plugins: names.map((name) => `./${name}`),
        models: {
          weak: { use: 'onnx', options: { folder: 'node_modules/routerxbench/models/tiny/weak' } },
          strong: {
            use: 'onnx',
            options: { folder: 'node_modules/routerxbench/models/tiny/strong' },
          },
        },
        datasets: {
          inDomain: [{ use: 'my-dataset-define', scorer: 'my-scorer-javascript' }],
          outOfDomain: ['my-dataset-decorators'],
        },
        routers,
        metrics: ['my-metric-define', 'my-metric-javascript'],
        generation: { maxTokens: 16 },
      };
      await writeFiles(folder, { 'mine.config.json': JSON.stringify(config) });
      const ran = await rxb('run', '--quiet', '--config', 'mine.config.json');
      expect(ran.exitCode, ran.stderr).to.equal(0);
      for (const router of routers) expect(ran.stdout).to.contain(router);
      const shown = await rxb(
        ...['leaderboard', '--config', 'mine.config.json', '--metric', 'my-metric-javascript'],
      );
      expect(shown.exitCode, shown.stderr).to.equal(0);
      expect(shown.stdout).to.match(/\d\.\d{3}/);
    });
  });

  it('and JavaScript and TypeScript of either module system take it, as users of the test kit and as plugins', async () => {
    await inTemporaryFolder(async (folder) => {
      await install(folder);

      const body =
        "const R = defineRouter({ name: 'r', summary: 's', needs: [] }, () => ({ score: ({ query }) => -query.text.length }));\ncheckRouter(R).then((wrong) => { console.log(JSON.stringify(wrong)); });\n";
      await writeFiles(folder, {
        'esm.mjs': `import { defineRouter } from 'routerxbench';\nimport { checkRouter } from 'routerxbench/testing';\n${body}`,
        'cjs.cjs': `const { defineRouter } = require('routerxbench');\nconst { checkRouter } = require('routerxbench/testing');\n${body}`,
      });
      for (const file of ['esm.mjs', 'cjs.cjs'])
        expect((await execa(process.execPath, [file], { cwd: folder })).stdout, file).to.equal(
          '[]',
        );

      const typed =
        "import { defineRouter, type RouterDefinition } from 'routerxbench';\nimport { checkRouter } from 'routerxbench/testing';\nconst definition: RouterDefinition<readonly []> = { name: 'typed', summary: 's', needs: [] };\nexport const Typed = defineRouter(definition, () => ({ score: ({ query }) => -query.text.length }));\nvoid checkRouter(Typed).then((wrong) => { console.log(JSON.stringify(wrong)); });\n";
      await writeFiles(folder, { 'typed.mts': typed, 'typed.cts': typed });
      const built = await execa(
        join(folder, 'node_modules/.bin/tsc'),
        [
          '--module',
          'nodenext',
          '--target',
          'es2022',
          '--strict',
          '--skipLibCheck',
          '--types',
          'node',
          'typed.mts',
          'typed.cts',
        ],
        { cwd: folder, reject: false },
      );
      expect(built.exitCode, built.stdout).to.equal(0);
      for (const file of ['typed.mjs', 'typed.cjs'])
        expect((await execa(process.execPath, [file], { cwd: folder })).stdout, file).to.equal(
          '[]',
        );

      await writeFiles(folder, {
        'package.json': JSON.stringify({
          name: 'mixed',
          version: '1.0.0',
          harness: { plugins: 'plugins' },
        }),
        'plugins/common.cjs':
          "const { defineScorer } = require('routerxbench');\nexports.Common = defineScorer({ name: 'common', summary: 's', scale: [0, 1] }, () => ({ grade: () => ({ value: 1 }) }));\n",
        'plugins/module.mjs':
          "import { router } from 'routerxbench';\nexport class Modular { score = () => 0; }\nrouter({ name: 'modular', summary: 's', needs: [] })(Modular);\n",
      });
      const listed = await rxbIn(folder)('list', '--json');
      expect(listed.stdout, listed.stderr).to.contain('"common"').and.to.contain('"modular"');
    });
  });
});
